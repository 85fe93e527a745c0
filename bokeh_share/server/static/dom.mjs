// Creates elements and writes into them.

import { formatAge } from "./times.mjs";

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function createElement(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

/**
 * Returns the element with this selector, which the page's HTML has.
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function findElement(selector) {
  const found = document.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`);
  return found;
}

/**
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  // writing the same text would make a screen reader announce it again
  if (node.textContent !== text) node.textContent = text;
}

// Creates the element that shows how long ago something changed.
export function createChangeTime() {
  return createElement("p", "last-change", "Changed ", createElement("time", ""));
}

/**
 * Shows how long ago something changed, unless it never did, or the page shows the same text elsewhere.
 * @param {HTMLElement} container
 * @param {number} ms since 1970, by the server's clock; 0 if it never changed
 * @param {number} now by the same clock
 * @param {string} [pageAge] the text that the page's header shows
 */
export function showChangeTime(container, ms, now, pageAge) {
  const age = ms ? formatAge(ms, now) : "";
  container.hidden = age === "" || age === pageAge;
  const time = container.querySelector("time");
  if (!ms || !time) return;
  setText(time, age);
  const date = new Date(ms);
  const dateTime = date.toISOString();
  if (time.dateTime === dateTime) return;
  time.dateTime = dateTime;
  time.title = date.toLocaleString(); // slow, and each page message comes here for each plot
}
