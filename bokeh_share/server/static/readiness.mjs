// Waits until BokehJS has drawn a document, or a change of it.

import { yieldToBrowser } from "./frames.mjs";

const IDLE_TIMEOUT = 5000;
const READY_TIMEOUT = 60;

/**
 * Waits for the first drawing up to a limit, since a plot may wait for something that never arrives, such as a
 * map's tiles. Does not wait in a hidden tab, where nothing is painted.
 * @param {BokehJS.Document} bokeh
 */
export async function waitUntilIdle(bokeh) {
  if (bokeh.is_idle || document.hidden) return;
  await new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", finish);
      resolve(undefined);
    };
    const timer = setTimeout(finish, IDLE_TIMEOUT);
    document.addEventListener("visibilitychange", finish);
    bokeh.idle.connect(finish);
  });
}

/**
 * Waits until the views have followed a change. They are also waited for until they are painted, and forever if
 * BokehJS drops the paint that they asked for, so this waits two frames at most.
 * @param {BokehJS.Document} bokeh
 */
export async function waitUntilReady(bokeh) {
  const viewsReady = Promise.all([...bokeh.views_manager].map((view) => view.ready));
  await Promise.race([viewsReady, document.hidden ? yieldToBrowser().then(yieldToBrowser) : passFrames()]);
}

// A window that is covered may have no frames.
const passFrames = () => new Promise((resolve) => {
  const timer = setTimeout(resolve, READY_TIMEOUT);
  requestAnimationFrame(() => requestAnimationFrame(() => { clearTimeout(timer); resolve(undefined); }));
});
