// Shows one plot on the page: its name, its caption, the drawing, and the reason if there is none.

import { describeUnavailable } from "./custom_models.mjs";
import { createChangeTime, createElement, setText, showChangeTime } from "./dom.mjs";
import { updateOverflow } from "./overflow.mjs";
import { PlotProgress } from "./plot_progress.mjs";

/**
 * @import { Drawing } from "./drawing.mjs"
 * @import { PlotEntry, PlotMessage } from "./messages.mjs"
 * @import { OverflowWatcher } from "./overflow.mjs"
 */

export class Card {
  progress = new PlotProgress();
  frame = createElement("div", "plot");
  #name = createElement("h2", "");
  #caption = createElement("p", "caption");
  #changeTime = createChangeTime();
  #errorText = createElement("p", "error");
  /** @type {PlotEntry["missing"]} */
  #unavailableReason = null;
  /** @type {Drawing | null} */
  #drawing = null;
  #overflow;

  /**
   * @param {string} plotId
   * @param {OverflowWatcher} overflow
   */
  constructor(plotId, overflow) {
    this.#overflow = overflow;
    this.#errorText.hidden = true;
    this.frame.setAttribute("role", "region");
    const header = createElement("header", "", this.#name, this.#changeTime);
    this.section = createElement("section", "card", header, this.#caption, this.frame, this.#errorText);
    this.section.dataset.plot = plotId;
    this.section.addEventListener("animationend", () => this.section.classList.remove("highlighted"));
    overflow.watch(this.frame);
  }

  get drawing() {
    return this.#drawing;
  }

  // True if the page need not wait for this plot before it counts as drawn.
  get isSettled() {
    return this.progress.hasArrived || this.#unavailableReason !== null;
  }

  /**
   * @param {PlotEntry} entry
   * @param {number} pageVersion
   */
  update(entry, pageVersion) {
    this.progress.announce(entry, pageVersion);
    this.#updateName(entry);
    this.#showUnavailable(entry.missing);
  }

  refreshTime() {
    showChangeTime(this.#changeTime, this.progress.changed);
  }

  /** @param {Drawing} drawing */
  swapDrawing(drawing) {
    const former = this.#drawing;
    this.#drawing = drawing;
    drawing.show(former);
    for (const root of drawing.roots) this.#overflow.watch(root);
  }

  /** @param {PlotMessage} message that is on screen now */
  markDrawn({ epoch, generation }) {
    Object.assign(this.section.dataset, { epoch, generation });
    this.#errorText.hidden = true;
  }

  highlight() {
    this.section.classList.add("highlighted");
  }

  /** @param {string} text */
  showFailure(text) {
    setText(this.#errorText, text);
    this.#errorText.hidden = false;
  }

  updateOverflow() {
    updateOverflow(this.frame);
  }

  remove() {
    this.#overflow.unwatch(this.frame);
    this.#drawing?.destroy();
    this.section.remove();
  }

  /** @param {PlotEntry} entry */
  #updateName({ name, caption }) {
    setText(this.#name, name ?? "");
    this.#name.hidden = !name;
    setText(this.#caption, caption ?? "");
    this.#caption.hidden = !caption;
    this.frame.setAttribute("aria-label", name ? `Plot ${name}` : "Plot");
    if (this.section.id === (name ?? "")) return;
    if (name && !document.getElementById(name)) this.section.id = name;
    else this.section.removeAttribute("id");
  }

  /**
   * The former drawing stays on screen.
   * @param {PlotEntry["missing"]} reason
   */
  #showUnavailable(reason) {
    if (reason) setText(this.#errorText, describeUnavailable(reason));
    if (reason || this.#unavailableReason) this.#errorText.hidden = !reason;
    this.#unavailableReason = reason;
  }
}
