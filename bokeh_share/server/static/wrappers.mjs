// The element around a drawing, which is hidden until the drawing is complete.

import { createElement } from "./dom.mjs";

/** @param {HTMLElement} container of the drawing's roots */
export function createHiddenWrapper(container) {
  const wrapper = createElement("div", "drawing offscreen", container);
  wrapper.ariaHidden = "true";
  return wrapper;
}

/** @param {HTMLElement} wrapper */
export function showWrapper(wrapper) {
  wrapper.classList.remove("offscreen");
  wrapper.ariaHidden = null;
}
