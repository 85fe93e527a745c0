// Shows the cards of all plots and apps, in the order of the page message.

import { AppCards } from "./app_cards.mjs";
import { CardGrid } from "./card_grid.mjs";
import { findElement } from "./dom.mjs";
import { measureDistance } from "./draw_order.mjs";
import { findStayingItems } from "./order.mjs";
import { keepInPlace } from "./scroll_anchor.mjs";
import { SectionHeadings } from "./section_headings.mjs";
import { formatAge } from "./times.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { FormerView } from "./drawing.mjs"
 * @import { PageMessage, PlotEntry, PlotMessage } from "./messages.mjs"
 */

/**
 * @typedef {object} CardsHandlers
 * @property {(plotId: string, formerView: FormerView | null) => Card} createCard
 * @property {(card: Card) => void} onRemove
 */

// The pixels that the card of an app needs at least.
const APP_WIDTH = 300;

export class Cards {
  /** @type {Map<string, Card>} By the plot's id. */
  #cards = new Map();
  /** @type {Map<string, PlotEntry>} By the plot's id, in the page's order. */
  #entries = new Map();
  /** @type {Map<string, FormerView>} Of plots that a restarted share has not shown again yet, by the plot's id. */
  #formerViews = new Map();
  #appCards = new AppCards();
  #list = findElement(".cards");
  #headings = new SectionHeadings();
  #grid = new CardGrid(this.#list);
  #handlers;
  /** @type {Card[]} In the page's order. */
  #ordered = [];
  /** @type {string | null} */
  #epoch = null;
  #version = 0;

  /** @param {CardsHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  // The cards in the page's order.
  get all() {
    return this.#ordered;
  }

  get version() {
    return this.#version;
  }

  get lastChange() {
    return Math.max(0, ...this.all.map(({ progress }) => progress.changed));
  }

  // True if there are neither plots nor apps.
  get isEmpty() {
    return this.#cards.size + this.#appCards.count === 0;
  }

  // True if a plot is not drawn that has arrived or will arrive.
  get isAnyUndrawn() {
    return this.all.some((card) => card.isDrawable || !card.isSettled);
  }

  get isAnyBehind() {
    return this.all.some(({ progress }) => progress.isBehind);
  }

  // True if a plot is on its way to the page.
  get isAnyExpected() {
    return this.all.some(({ isAwaited, progress }) => isAwaited || progress.isRequested);
  }

  get isAnyQueued() {
    return this.all.some(({ queue }) => queue.hasMessages);
  }

  // The id of the first plot in view, or of the one in view that the address names; null if there is none.
  get plotInView() {
    const inView = this.all.filter(({ section }) => {
      return measureDistance(section.getBoundingClientRect(), innerHeight) === 0;
    });
    return (inView.find(({ isNamedInAddress }) => isNamedInAddress) ?? inView[0])?.plotId ?? null;
  }

  get areSettled() {
    return this.all.every((card) => card.isSettled);
  }

  /**
   * Returns the card of the plot; null if the message is about a former page.
   * @param {PlotMessage} message
   */
  find({ plot, epoch }) {
    return epoch === this.#epoch ? this.#cards.get(plot) ?? null : null;
  }

  // The state of the page, for the server; null before there is one, or if not all of it has arrived. Plots that
  // could not be drawn have arrived, and are requested again.
  get completeState() {
    if (this.#epoch === null || this.all.some(({ isAwaited }) => isAwaited) || this.isAnyQueued) return null;
    return { epoch: this.#epoch, version: `${this.#version}` };
  }

  /** @param {PageMessage} page */
  update(page) {
    keepInPlace(this.all.map(({ section }) => section), () => this.#apply(page));
  }

  /** @param {PageMessage} page */
  #apply(page) {
    const { epoch, version, apps, relayed = false } = page;
    const isRestarted = epoch !== this.#epoch;
    if (isRestarted) for (const card of this.all) card.startEpoch(epoch);
    this.#epoch = epoch;
    this.#version = version;
    this.#entries = mergeEntries(this.#entries, page);
    for (const [id, card] of this.#cards) {
      if (this.#entries.has(id)) continue;
      if (isRestarted) this.#keepView(card);
      this.#cards.delete(id);
      this.#handlers.onRemove(card);
      card.remove();
    }
    this.#ordered = [...this.#entries.values()].map((entry, index) => {
      const card = this.#cards.get(entry.id) ?? this.#createCard(entry.id);
      card.update(entry, page, index + 1);
      return card;
    });
    const appSections = this.#appCards.update(apps, relayed);
    const headings = this.#headings.update([...this.#entries.values()]);
    const sections = this.all.flatMap(({ plotId, section }) => [...headings.get(plotId) ?? [], section]);
    this.#reorder([...appSections, ...sections]);
    this.#grid.update([
      ...appSections.map((section) => ({ section, width: APP_WIDTH, startsRow: false })),
      ...this.all.map(({ plotId, section, leastWidth: width }, index) => {
        return { section, width, startsRow: index === 0 || headings.has(plotId) };
      }),
    ]);
  }

  /** @param {number} now by the server's clock */
  refreshTimes(now) {
    const { lastChange } = this;
    const pageAge = lastChange ? formatAge(lastChange, now) : "";
    for (const card of this.all) card.refreshTime(now, pageAge);
    this.#appCards.refreshTimes(now, pageAge);
  }

  /** @param {string} plotId */
  #createCard(plotId) {
    const card = this.#handlers.createCard(plotId, this.#formerViews.get(plotId) ?? null);
    this.#formerViews.delete(plotId);
    this.#cards.set(plotId, card);
    return card;
  }

  /** @param {Card} card */
  #keepView(card) {
    try {
      const { plotId, formerView } = card;
      if (formerView) this.#formerViews.set(plotId, formerView);
    } catch (error) {
      console.warn("the view of a plot could not be kept:", error);
    }
  }

  // The browser searches for #name before there are cards, so the page does so again.
  scrollToNamedCard() {
    this.all.find(({ isNamedInAddress }) => isNamedInAddress)?.section.scrollIntoView({ behavior: "instant" });
  }

  /**
   * Moving a node loses focus and scroll position in it, so the longest run that is in order already is not moved.
   * Moving a card would also end its full screen, so the others are moved around it.
   * @param {HTMLElement[]} sections
   */
  #reorder(sections) {
    const pinned = sections.filter((each) => each === document.fullscreenElement);
    const present = pinned.length ? pinned : [...this.#list.children];
    const staying = new Set(findStayingItems(/** @type {Element[]} */ (sections), present));
    let next = null;
    for (const section of [...sections].reverse()) {
      if (!staying.has(section)) this.#list.insertBefore(section, next);
      next = section;
    }
  }
}

/**
 * Returns the entries of all plots. A message has only those that differ from the page before it.
 * @param {Map<string, PlotEntry>} entries of the page before
 * @param {{ base: number | null, plots: PlotEntry[], order: string[] | null }} message
 * @returns {Map<string, PlotEntry>}
 */
export function mergeEntries(entries, { base, plots, order }) {
  const received = new Map(plots.map((entry) => [entry.id, entry]));
  if (base === null) return received;
  const all = new Map([...entries, ...received]);
  if (!order) return all;
  const ordered = order.map((id) => all.get(id)).filter((entry) => entry !== undefined);
  return new Map(ordered.map((entry) => [entry.id, entry]));
}
