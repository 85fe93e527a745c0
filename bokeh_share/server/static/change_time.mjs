// Shows how long ago something changed, in an element with a `<time>`.

import { createElement, setText } from "./dom.mjs";
import { formatAge } from "./times.mjs";

export function createChangeTime() {
  return createElement("p", "last-change", "changed ", createElement("time", ""));
}

/**
 * @param {HTMLElement} container
 * @param {number} ms since 1970; 0 hides the container
 */
export function showChangeTime(container, ms) {
  container.hidden = !ms;
  const time = container.querySelector("time");
  if (!ms || !time) return;
  const date = new Date(ms);
  setText(time, formatAge(ms));
  time.dateTime = date.toISOString();
  time.title = date.toLocaleString();
}
