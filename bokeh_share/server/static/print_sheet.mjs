// Prepares the page for paper: what it shows, when and where, and plots that fit the sheet.

import { findElement, setText } from "./dom.mjs";

// Longer parts of a path are tokens, which only people with the link know.
const MIN_TOKEN_LENGTH = 20;
const TOKEN = new RegExp(`^[\\w-]{${MIN_TOKEN_LENGTH},}$`);

/** @type {Intl.DateTimeFormatOptions} */
const DATE_FORMAT = { dateStyle: "medium", timeStyle: "short" };

export class PrintSheet {
  #note = findElement(".print-note");
  #stateText = findElement(".page-header .state-text");

  constructor() {
    addEventListener("beforeprint", () => this.#prepare());
  }

  #prepare() {
    const changed = document.querySelector(".page-header .last-change:not([hidden]) time")?.getAttribute("datetime");
    const sentences = [
      document.documentElement.dataset.state === "live" ? "" : `${this.#stateText.textContent?.replace(/…$/, "")}.`,
      changed ? `Last change: ${new Date(changed).toLocaleString([], DATE_FORMAT)}.` : "",
      `Printed: ${new Date().toLocaleString([], DATE_FORMAT)}.`,
      buildPrintedLink(location),
    ];
    setText(this.#note, sentences.filter(Boolean).join(" "));
    for (const drawing of document.querySelectorAll(".drawing:not(.offscreen)")) {
      if (drawing instanceof HTMLElement) fixSize(drawing);
    }
  }
}

/**
 * Returns the page's address without the token; empty for a file.
 * @param {{ origin: string, pathname: string, protocol: string }} location
 */
export function buildPrintedLink({ origin, pathname, protocol }) {
  if (!/^https?:$/.test(protocol)) return "";
  return origin + pathname.split("/").map((part) => TOKEN.test(part) ? "…" : part).join("/");
}

/**
 * BokehJS does not draw again for paper, so the sheet scales a drawing of the size that it has on screen.
 * @param {HTMLElement} drawing
 */
function fixSize(drawing) {
  const content = drawing.firstElementChild;
  if (!content) return;
  const { width, height } = content.getBoundingClientRect();
  // a table that is wider than its card is scrolled there
  const hidden = [...content.querySelectorAll(".table-box")].map((box) => box.scrollWidth - box.clientWidth);
  const widths = [width + Math.max(0, ...hidden), content.scrollWidth];
  drawing.style.setProperty("--print-width", `${Math.max(...widths)}px`);
  drawing.style.setProperty("--print-height", `${height}px`);
}
