// Waits for time to pass, or for the browser to do other work.

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Timers of a hidden tab run at most once a second; messages between ports are not delayed.
export const yieldToBrowser = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); resolve(undefined); };
  port2.postMessage(null);
});
