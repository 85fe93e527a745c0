// Shows one plot on the page: its name, its caption, the drawing, and the reason if there is none.

import { describeUnavailable } from "./custom_models.mjs";
import { createChangeTime, createElement, setText, showChangeTime } from "./dom.mjs";
import { updateOverflow } from "./overflow.mjs";
import { Placeholder } from "./placeholder.mjs";
import { PlotProgress } from "./plot_progress.mjs";
import { PlotQueue } from "./plot_queue.mjs";
import { ToolMenu } from "./tool_menu.mjs";
import { isNamedInUrl } from "./urls.mjs";

/**
 * @import { Drawing } from "./drawing.mjs"
 * @import { PlotBox, PlotEntry, PlotMessage } from "./messages.mjs"
 * @import { OverflowWatcher } from "./overflow.mjs"
 * @import { PlotQueueHandlers } from "./plot_queue.mjs"
 * @import { Tools } from "./tool_loader.mjs"
 * @import { UndrawnPlot } from "./undrawn_plot.mjs"
 */

export class Card {
  progress = new PlotProgress();
  frame = createElement("div", "plot");
  /** @type {PlotBox} */
  box = [null];
  #name = createElement("h2", "");
  #caption = createElement("p", "caption");
  #changeTime = createChangeTime();
  #errorText = createElement("p", "error");
  /** @type {PlotEntry["missing"]} */
  #unavailableReason = null;
  /** @type {Drawing | null} */
  #drawing = null;
  /** @type {UndrawnPlot | null} The state of the plot until it is drawn. */
  undrawn = null;
  #placeholder = new Placeholder(this.frame);
  /** @type {ToolMenu<Card>} */
  #menu;
  #overflow;
  #isRemoved = false;

  /**
   * @param {string} plotId
   * @param {OverflowWatcher} overflow
   * @param {() => Promise<Tools>} loadTools of the card's menu
   * @param {(card: Card) => PlotQueueHandlers} createHandlers of the queue of the plot's messages
   */
  constructor(plotId, overflow, loadTools, createHandlers) {
    this.#overflow = overflow;
    this.queue = new PlotQueue(createHandlers(this));
    this.#errorText.hidden = true;
    this.frame.setAttribute("role", "region");
    this.#menu = new ToolMenu(this, loadTools, ({ cardTools }) => cardTools);
    const header = createElement("header", "", this.#name, this.#changeTime, this.#menu.element);
    const texts = [this.#caption, this.#menu.status];
    this.section = createElement("section", "card", header, ...texts, this.frame, this.#errorText);
    this.section.dataset.plot = plotId;
    this.section.addEventListener("animationend", () => this.section.classList.remove("highlighted"));
    for (const each of [this.frame, this.#placeholder.box]) overflow.watch(each);
  }

  get plotId() {
    return this.section.dataset.plot ?? "";
  }

  get isNamedInAddress() {
    return isNamedInUrl(this.section.id, location);
  }

  // True if the plot has arrived and is not drawn.
  get isDrawable() {
    return this.undrawn !== null && !this.undrawn.hasFailed;
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
    this.box = entry.box;
    this.#updateName(entry);
    if (!this.#drawing) this.#placeholder.update(entry);
    this.#showUnavailable(entry.missing);
  }

  refreshTime() {
    showChangeTime(this.#changeTime, this.progress.changed);
  }

  /**
   * Drops what is known of the plot of a former page, except for the drawing on screen.
   * @param {string} epoch
   */
  startEpoch(epoch) {
    this.progress.startEpoch(epoch);
    this.queue.clear();
    this.undrawn = null;
  }

  /** @param {Drawing} drawing */
  swapDrawing(drawing) {
    if (this.#isRemoved) {
      drawing.destroy();
      return;
    }
    const former = this.#drawing;
    this.#drawing = drawing;
    keepScrolled(this.section, () => {
      drawing.show(former);
      this.#removePlaceholder();
    });
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
    this.#isRemoved = true;
    this.#overflow.unwatch(this.frame);
    this.#removePlaceholder();
    this.queue.clear();
    this.undrawn = null;
    this.#drawing?.destroy();
    this.section.remove();
  }

  #removePlaceholder() {
    this.#overflow.unwatch(this.#placeholder.box);
    this.#placeholder.remove();
  }

  /** @param {PlotEntry} entry */
  #updateName({ name, caption }) {
    setText(this.#name, name ?? "");
    this.#name.hidden = !name;
    setText(this.#caption, caption ?? "");
    this.#caption.hidden = !caption;
    this.frame.setAttribute("aria-label", name ? `Plot ${name}` : "Plot");
    this.#menu.setLabel(name ? `Menu of ${name}` : "Menu of this plot");
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

/**
 * Keeps what the viewer sees in place if a card above it changes its height, in browsers that do not do so.
 * @param {HTMLElement} section
 * @param {() => void} change
 */
function keepScrolled(section, change) {
  const before = CSS.supports("overflow-anchor", "auto") ? null : section.getBoundingClientRect();
  change();
  if (before && before.bottom < 0) scrollBy(0, section.getBoundingClientRect().height - before.height);
}
