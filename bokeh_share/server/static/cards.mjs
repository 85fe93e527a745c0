// Shows the cards of all plots and apps, in the order of the page message.

import { AppCards } from "./app_cards.mjs";
import { Card } from "./card.mjs";
import { findElement } from "./dom.mjs";
import { findStayingItems } from "./order.mjs";

/**
 * @import { PageMessage, PlotMessage } from "./messages.mjs"
 * @import { OverflowWatcher } from "./overflow.mjs"
 */

export class Cards {
  /** @type {Map<string, Card>} By the plot's id. */
  #cards = new Map();
  #appCards = new AppCards();
  #list = findElement(".cards");
  #emptyNotice = findElement(".empty-notice");
  #overflow;
  /** @type {string | null} */
  #epoch = null;
  #version = 0;

  /** @param {OverflowWatcher} overflow */
  constructor(overflow) {
    this.#overflow = overflow;
  }

  get all() {
    return [...this.#cards.values()];
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
    return this.#epoch === null || this.isAnyBehind ? null : { epoch: this.#epoch, version: `${this.#version}` };
  }

  /** @param {PageMessage} message */
  update({ epoch, version, plots, apps }) {
    if (epoch !== this.#epoch) for (const { progress } of this.all) progress.startEpoch();
    this.#epoch = epoch;
    this.#version = version;
    const staying = new Set(plots.map(({ id }) => id));
    for (const [id, card] of this.#cards) {
      if (staying.has(id)) continue;
      this.#cards.delete(id);
      card.remove();
    }
    const sections = plots.map((entry) => {
      const card = this.#cards.get(entry.id) ?? new Card(entry.id, this.#overflow);
      this.#cards.set(entry.id, card);
      card.update(entry, version);
      return card.section;
    });
    this.#reorder([...this.#appCards.update(apps), ...sections]);
    this.#emptyNotice.hidden = this.#cards.size + this.#appCards.count > 0;
  }

  refreshTimes() {
    for (const card of this.all) card.refreshTime();
    this.#appCards.refreshTimes();
  }

  // The browser searches for #name before there are cards, so the page does so again.
  scrollToNamedCard() {
    for (const { section } of this.all) {
      if (section.id && new URL(`#${section.id}`, location.href).hash === location.hash) section.scrollIntoView();
    }
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
