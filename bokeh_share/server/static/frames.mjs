// Waits for the browser.

// Frames of a tab in the background come late, or never.
const MAX_FRAME_DELAY = 100;
// For browsers without `requestIdleCallback`.
const IDLE_DELAY = 200;

// Resolves after the browser had the time for a frame. In a hidden tab, which has no frames, it resolves soon.
export function waitForFrame() {
  return passFrame().then(yieldToBrowser);
}

function passFrame() {
  return document.hidden ? Promise.resolve() : new Promise((resolve) => {
    const timer = setTimeout(resolve, MAX_FRAME_DELAY);
    requestAnimationFrame(() => { clearTimeout(timer); resolve(undefined); });
  });
}

// Timers of a hidden tab run at most once a second; messages between ports are not delayed.
export const yieldToBrowser = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); resolve(undefined); };
  port2.postMessage(null);
});

/** @param {() => void} callback called when the browser is idle */
export function requestIdle(callback) {
  if ("requestIdleCallback" in window) window.requestIdleCallback(callback);
  else setTimeout(callback, IDLE_DELAY);
}
