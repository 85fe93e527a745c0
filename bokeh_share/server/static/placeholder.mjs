// Takes the place of a plot that is not drawn yet.

import { createElement } from "./dom.mjs";

/** @import { PlotBox, PlotEntry } from "./messages.mjs" */

const UNDRAWN_TEXT = "This plot was not drawn yet. “Print” in the page’s menu draws all plots before it prints.";

// Is as large as the plot, and has its titles as text, which the browser's search finds.
export class Placeholder {
  box = createElement("div", "placeholder-box");
  // shown on paper only
  #note = createElement("p", "undrawn-note", UNDRAWN_TEXT);
  #element = createElement("div", "placeholder", createElement("div", "plot-content", this.box, this.#note));
  #text = "";

  /** @param {HTMLElement} frame */
  constructor(frame) {
    frame.append(this.#element);
  }

  /** @param {PlotEntry} entry */
  update({ kind, titles, box }) {
    this.box.removeAttribute("style");
    Object.assign(this.box.style, kind === "image" ? computePictureSize(box) : computeSize(box));
    const text = titles.join("\n");
    if (text === this.#text) return;
    this.#text = text;
    this.box.replaceChildren(...titles.map((title) => {
      return Object.assign(createElement("p", "", title), { dir: "auto" });
    }));
  }

  remove() {
    this.#element.remove();
  }
}

/**
 * Returns the size of a picture as CSS properties: its own, or smaller if the card is narrower.
 * @param {PlotBox} box
 */
export function computePictureSize([width, height = 0]) {
  return { width: `${width ?? 0}px`, maxWidth: "100%", aspectRatio: `${width ?? 1} / ${height}` };
}

/**
 * Returns the size as CSS properties. Percentages of a padding refer to the width, also those at the bottom.
 * @param {PlotBox} box
 */
export function computeSize([width, height = 0, slope = 0, fillsHeight = 0]) {
  return {
    width: width === null ? "auto" : `${width}px`,
    height: fillsHeight ? `max(var(--fill-height), ${height}px)` : "0",
    paddingBottom: fillsHeight ? "0" : `max(0px, ${slope * 100}% + ${height}px)`,
  };
}
