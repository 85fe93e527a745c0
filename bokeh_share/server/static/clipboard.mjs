// Copies text to the clipboard, also where the page is not a secure context.

import { createElement } from "./dom.mjs";

/**
 * Returns false if the browser does not allow it. Called by a click or a key of the viewer.
 * @param {string} text
 * @param {Element} container that is on screen, for a text field without a size
 */
export async function copyText(text, container) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // plain http has no clipboard, and a frame may not be allowed to use it
    return copySelected(text, container);
  }
}

/**
 * @param {string} text
 * @param {Element} container
 */
function copySelected(text, container) {
  const focused = document.activeElement;
  const field = createElement("textarea", "visually-hidden");
  field.value = text;
  field.readOnly = true;
  container.append(field);
  try {
    field.select();
    return document.execCommand("copy");
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}
