// Shows the cards of all plots and apps, in the order of the page message.

import { AppCards } from "./app_cards.mjs";
import { findElement } from "./dom.mjs";
import { measureDistance } from "./draw_order.mjs";
import { findStayingItems } from "./order.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { PageMessage, PlotMessage } from "./messages.mjs"
 */

/**
 * @typedef {object} CardsHandlers
 * @property {(plotId: string) => Card} createCard
 * @property {(card: Card) => void} onRemove
 */

export class Cards {
  /** @type {Map<string, Card>} By the plot's id. */
  #cards = new Map();
  #appCards = new AppCards();
  #list = findElement(".cards");
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

  get isAnyBehind() {
    return this.all.some(({ progress }) => progress.isBehind);
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

  // The state of the page, for the server; null before there is one, or if not all of it has arrived.
  get completeState() {
    if (this.#epoch === null || this.isAnyBehind || this.isAnyQueued) return null;
    return { epoch: this.#epoch, version: `${this.#version}` };
  }

  /** @param {PageMessage} message */
  update({ epoch, version, plots, apps }) {
    if (epoch !== this.#epoch) for (const card of this.all) card.startEpoch(epoch);
    this.#epoch = epoch;
    this.#version = version;
    const staying = new Set(plots.map(({ id }) => id));
    for (const [id, card] of this.#cards) {
      if (staying.has(id)) continue;
      this.#cards.delete(id);
      this.#handlers.onRemove(card);
      card.remove();
    }
    this.#ordered = plots.map((entry) => {
      const card = this.#cards.get(entry.id) ?? this.#handlers.createCard(entry.id);
      this.#cards.set(entry.id, card);
      card.update(entry, version);
      return card;
    });
    this.#reorder([...this.#appCards.update(apps), ...this.all.map(({ section }) => section)]);
  }

  refreshTimes() {
    for (const card of this.all) card.refreshTime();
    this.#appCards.refreshTimes();
  }

  // The browser searches for #name before there are cards, so the page does so again.
  scrollToNamedCard() {
    this.all.find(({ isNamedInAddress }) => isNamedInAddress)?.section.scrollIntoView({ behavior: "instant" });
  }

  /**
   * Moving a node loses focus and scroll position in it, so the longest run that is in order already is not moved.
   * @param {HTMLElement[]} sections
   */
  #reorder(sections) {
    const staying = new Set(findStayingItems(/** @type {Element[]} */ (sections), [...this.#list.children]));
    let next = null;
    for (const section of [...sections].reverse()) {
      if (!staying.has(section)) this.#list.insertBefore(section, next);
      next = section;
    }
  }
}
