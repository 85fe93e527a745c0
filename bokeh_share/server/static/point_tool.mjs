// Lets a viewer show the author which points they mean, if the author has allowed it.

import { createElement } from "./dom.mjs";
import { readPointedPoints } from "./pointed_points.mjs";

/** @import { Tool, ToolTarget } from "./tool_menu.mjs" */

const MAX_NAME_LENGTH = 40;
const NAME_KEY = "viewer-name";
const NO_FIGURE = "This plot has no axes, so there is nothing to show.";
const SENT = "The author sees where you are looking.";

/** @type {Tool<ToolTarget>} */
export const pointAtPlot = {
  id: "point",
  label: "Show the author where I look…",
  isAvailable: ({ canPoint, drawing }) => canPoint && Boolean(drawing?.bokeh),
  run: async ({ drawing }) => {
    const points = drawing?.bokeh && readPointedPoints(drawing.bokeh);
    if (!points) return NO_FIGURE;
    const name = await askName();
    if (name === null) return "";
    // the page's script has the connection
    document.dispatchEvent(new CustomEvent("point", { detail: { ...points, name } }));
    return SENT;
  },
};

/** @returns {Promise<string | null>} null if the viewer cancels */
function askName() {
  const field = createElement("input", "tool-dialog-input");
  field.maxLength = MAX_NAME_LENGTH;
  field.value = sessionStorage.getItem(NAME_KEY) ?? "";
  const label = createElement("label", "tool-dialog-field", "Your name, which the author sees", field);
  const note = createElement("p", "tool-dialog-note", "The author sees the points that you selected, and your axes.");
  const cancel = createElement("button", "tool-dialog-button", "Cancel");
  const send = createElement("button", "tool-dialog-button primary", "Show");
  cancel.type = "button";
  const heading = createElement("h2", "", "Show the author where I look");
  heading.id = "point-heading";
  const form = createElement("form", "", heading, label, note, createElement("div", "tool-dialog-actions", cancel, send));
  form.method = "dialog";
  const dialog = createElement("dialog", "tool-dialog", form);
  dialog.setAttribute("aria-labelledby", heading.id);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    /** @type {string | null} */
    let name = null;
    form.addEventListener("submit", () => { name = cleanName(field.value); });
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      if (name !== null) sessionStorage.setItem(NAME_KEY, name);
      dialog.remove();
      resolve(name);
    }, { once: true });
  });
}

/**
 * Removes the characters that the server refuses: those that control, or that change the order of others.
 * @param {string} name
 */
export function cleanName(name) {
  const cleaned = name.replace(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "");
  return [...cleaned.trim()].slice(0, MAX_NAME_LENGTH).join("");
}
