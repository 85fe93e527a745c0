// Shows one plot on the page: its texts, its menu, the drawing, and the reason if there is none.

import { CardError } from "./card_error.mjs";
import { CardTexts } from "./card_texts.mjs";
import { createElement } from "./dom.mjs";
import { updateOverflow } from "./overflow.mjs";
import { Placeholder } from "./placeholder.mjs";
import { isLinkedPlot } from "./plot_fragment.mjs";
import { PlotProgress } from "./plot_progress.mjs";
import { PlotQueue } from "./plot_queue.mjs";
import { keepInPlace } from "./scroll_anchor.mjs";
import { ToolMenu } from "./tool_menu.mjs";
import { isNamedInUrl } from "./urls.mjs";

/**
 * @import { FormerView } from "./drawing.mjs"
 * @import { PlotDrawing, Undrawn } from "./drawings.mjs"
 * @import { PageMessage, PlotBox, PlotEntry, PlotMessage } from "./messages.mjs"
 * @import { OverflowWatcher } from "./overflow.mjs"
 * @import { PlotNames } from "./plot_fragment.mjs"
 * @import { PlotQueueHandlers } from "./plot_queue.mjs"
 * @import { Tools } from "./tool_loader.mjs"
 * @typedef {(drawing: PlotDrawing) => Promise<void>} DrawingPreparation
 */

export class Card {
  progress = new PlotProgress();
  frame = createElement("div", "plot");
  #texts = new CardTexts();
  #error = new CardError();
  /** @type {PlotNames} */
  #names = { name: null, anchor: null };
  /** @type {PlotBox} */
  #box = [null];
  #canDownload = true;
  #canPoint = false;
  /** @type {PlotDrawing | null} */
  #drawing = null;
  /** @type {Undrawn | null} The state of the plot until it is drawn. */
  undrawn = null;
  /** @type {DrawingPreparation | null} */
  #preparation = null;
  /** @type {FormerView | null} */
  #formerView;
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
   * @param {FormerView | null} formerView what the viewer left of the plot before a restart of the share
   */
  constructor(plotId, overflow, loadTools, createHandlers, formerView) {
    this.#overflow = overflow;
    this.#formerView = formerView;
    this.queue = new PlotQueue(createHandlers(this));
    this.frame.setAttribute("role", "region");
    this.#menu = new ToolMenu(this, loadTools, ({ cardTools }) => cardTools);
    const { header, caption } = this.#texts;
    header.append(this.#menu.element);
    const parts = [header, caption, this.#menu.status, this.frame, this.#error.element];
    this.section = createElement("section", "card", ...parts);
    this.section.dataset.plot = plotId;
    this.section.addEventListener("animationend", () => this.section.classList.remove("highlighted"));
    for (const each of [this.frame, this.#placeholder.box]) overflow.watch(each);
  }

  get plotId() {
    return this.section.dataset.plot ?? "";
  }

  // The plot's name, else its title, else its number.
  get heading() {
    return this.#texts.heading;
  }

  // The text that the filter of the contents searches.
  get searchText() {
    return this.#texts.searchText;
  }

  // How links name the plot.
  get names() {
    return this.#names;
  }

  get isNamedInAddress() {
    return isNamedInUrl(this.section.id, location) || isLinkedPlot(this.names, location);
  }

  // The size of the plot.
  get box() {
    return this.#box;
  }

  // The pixels that the plot needs at least to be readable.
  get leastWidth() {
    const [width, , , , leastWidth = 0] = this.#box;
    return width ?? leastWidth;
  }

  // False if the author forbids viewers to download the data.
  get canDownload() {
    return this.#canDownload;
  }

  // True if viewers can show the author which points they mean.
  get canPoint() {
    return this.#canPoint;
  }

  // True if the plot has arrived and is not drawn.
  get isDrawable() {
    return this.undrawn !== null && !this.undrawn.hasFailed;
  }

  // The parts of BokehJS that a plot needs which is not drawn yet; null if there is no such plot.
  get neededParts() {
    return this.undrawn?.parts.join(" ") ?? null;
  }

  get drawing() {
    return this.#drawing;
  }

  // True if the page need not wait for this plot before it counts as drawn.
  get isSettled() {
    return this.progress.hasArrived || this.#error.isUnavailable;
  }

  // True if a change of the plot was announced that has not arrived yet. One that cannot be shown is not sent.
  get isAwaited() {
    return !this.#error.isUnavailable && this.progress.isAwaited;
  }

  /**
   * @param {PlotEntry} entry
   * @param {PageMessage} page
   * @param {number} number of the plot on the page, from 1
   */
  update(entry, { version, download, pointing }, number) {
    const { name, anchor, box } = entry;
    this.progress.announce(entry, version);
    this.#texts.update(entry, number);
    this.#names = { name, anchor };
    this.#box = box;
    this.#canDownload = download;
    this.#canPoint = pointing;
    this.#updateLabels(entry);
    this.#updateId(name ?? "");
    if (!this.#drawing) this.#placeholder.update(entry);
    this.#error.showUnavailable(entry.missing);
  }

  /**
   * @param {number} now by the server's clock
   * @param {string} pageAge the time that the page's header shows
   */
  refreshTime(now, pageAge) {
    this.#texts.refreshTime(this.progress.changed, now, pageAge);
  }

  // Moves the focus to the heading.
  focus() {
    this.#texts.focus();
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

  // The view that the viewer left, for a later card of the plot; null if there is none.
  get formerView() {
    const drawing = this.#drawing;
    return drawing && "formerView" in drawing ? drawing.formerView : this.#formerView;
  }

  // Returns what the viewer left of the plot before a restart of the share, once.
  takeFormerView() {
    const view = this.#formerView;
    this.#formerView = null;
    return view;
  }

  /** @param {PlotDrawing} drawing */
  swapDrawing(drawing) {
    if (this.#isRemoved) {
      drawing.destroy();
      return;
    }
    const former = this.#drawing;
    this.#drawing = drawing;
    const cards = this.section.parentElement?.children ?? [];
    keepInPlace([...cards], () => {
      drawing.show(former);
      this.#removePlaceholder();
    });
    for (const root of drawing.roots) this.#overflow.watch(root);
  }

  /**
   * Lets a link change the drawing: the one on screen, or the first one before it is shown.
   * @param {DrawingPreparation} prepare
   */
  prepareDrawing(prepare) {
    if (this.#drawing) prepare(this.#drawing);
    else this.#preparation = prepare;
  }

  /** @param {PlotDrawing} drawing the first one */
  async finishPreparation(drawing) {
    const prepare = this.#preparation;
    this.#preparation = null;
    await prepare?.(drawing);
  }

  /** @param {PlotMessage} message that is on screen now */
  markDrawn({ epoch, generation }) {
    Object.assign(this.section.dataset, { epoch, generation });
    this.#error.hide();
  }

  highlight() {
    this.section.classList.add("highlighted");
  }

  /** @param {string} text stays until the viewer uses the menu */
  showNotice(text) {
    this.#menu.showStatus(text, Infinity);
  }

  /** @param {string} text */
  showFailure(text) {
    this.#error.showFailure(text);
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
  #updateLabels({ name, heading, kind, box: [width, , , fillsHeight] }) {
    this.frame.setAttribute("aria-label", name ?? heading ? `Plot ${this.heading}` : this.heading);
    this.frame.classList.toggle("fixed-width", width !== null && !fillsHeight);
    this.frame.classList.toggle("shrinking", kind === "image");
    this.frame.style.setProperty("--plot-width", `${width ?? 0}px`);
    this.#menu.setLabel(`Menu of ${this.heading}`);
  }

  /** @param {string} name to which a link leads; empty for a plot without a name */
  #updateId(name) {
    if (this.section.id === name) return;
    if (name && !document.getElementById(name)) this.section.id = name;
    else this.section.removeAttribute("id");
  }
}
