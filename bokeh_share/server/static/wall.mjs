// Shows the plots on a wall: they fill the screen, some at a time, and take turns.

import { createElement, findElement } from "./dom.mjs";
import { Magnifier } from "./magnifier.mjs";
import { WakeLock } from "./wake_lock.mjs";
import { DEFAULT_OPTIONS } from "./wall_address.mjs";
import { arrangeCells, chooseCount, findLegibleScale } from "./wall_layout.mjs";
import { WallOrder } from "./wall_order.mjs";
import { WallPlot } from "./wall_plot.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { WallOptions } from "./wall_address.mjs"
 */

// Plots stay at least this long, in milliseconds, before one that changed comes.
const MIN_STAY = 5000;
const NOTICE_DURATION = 15_000;

// Once per page, however often the wall is shown.
let hasSaidRefusal = false;

export class Wall {
  #listCards;
  #options;
  #magnifier = new Magnifier();
  #order = new WallOrder();
  #wakeLock;
  /** @type {Map<string, WallPlot>} By the plot's id, in the page's order. */
  #plots = new Map();
  /** @type {string[]} */
  #shown = [];
  #count = 1;
  #shownSince = 0;
  #isPlacing = false;
  #notice = createElement("p", "wall-notice");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #listening = new AbortController();

  /**
   * @param {() => Card[]} listCards in the page's order
   * @param {WallOptions | null} options
   */
  constructor(listCards, options) {
    this.#listCards = listCards;
    this.#options = options ?? DEFAULT_OPTIONS;
    this.#magnifier.start();
    this.#wakeLock = new WakeLock((text) => this.#sayOnce(text));
    addEventListener("resize", () => this.update(), { signal: this.#listening.signal });
    this.update();
  }

  // Follows the page's cards and the window's size.
  update() {
    const cards = this.#listCards();
    const ids = cards.map(({ plotId }) => plotId);
    this.#updatePlots(cards);
    this.#order.update(ids);
    const former = this.#count;
    this.#count = this.#chooseCount(cards);
    if (cards.length <= this.#count) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#shown = ids;
      this.#place();
    } else if (this.#timer && this.#count === former && this.#shown.every((each) => ids.includes(each))) {
      this.#place();
    } else {
      this.#turn();
    }
  }

  /** @param {Card} card whose plot has a new change */
  handleChange({ plotId }) {
    const isTurning = this.#timer !== undefined;
    if (!isTurning || this.#shown.includes(plotId) || !this.#order.recordChange(plotId)) return;
    const stay = Math.min(MIN_STAY, this.#options.seconds * 1000);
    this.#schedule(this.#shownSince + stay - performance.now());
  }

  remove() {
    clearTimeout(this.#timer);
    this.#listening.abort();
    this.#wakeLock.release();
    this.#notice.remove();
    for (const plot of this.#plots.values()) plot.restore();
    this.#magnifier.stop();
    for (const plot of this.#plots.values()) plot.fitted.updateResolution();
  }

  /** @param {string} text */
  #sayOnce(text) {
    if (hasSaidRefusal) return;
    hasSaidRefusal = true;
    this.#notice.setAttribute("role", "status");
    findElement("main").append(this.#notice);
    this.#notice.append(text);
    setTimeout(() => this.#notice.remove(), NOTICE_DURATION);
  }

  /** @param {Card[]} cards */
  #updatePlots(cards) {
    const former = this.#plots;
    this.#plots = new Map(cards.map((card) => {
      const plot = former.get(card.plotId);
      const isSame = plot?.card === card;
      return [card.plotId, isSame ? plot : new WallPlot(card, this.#magnifier, () => this.#updateResolution())];
    }));
    for (const [id, plot] of former) if (this.#plots.get(id) !== plot) plot.restore();
  }

  /** @param {Card[]} cards */
  #chooseCount(cards) {
    const { count } = this.#options;
    if (!count) return chooseCount(cards.map(({ box }) => box), getScreenSize());
    // one plot alone fills the screen
    return Math.min(count, cards.length <= 2 ? Math.max(1, cards.length) : count);
  }

  #turn() {
    this.#shown = this.#order.take(this.#count);
    this.#shownSince = performance.now();
    this.#place();
    this.#schedule(this.#options.seconds * 1000);
  }

  /** @param {number} delay in milliseconds */
  #schedule(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#turn(), Math.max(0, delay));
  }

  // Puts the plots on the screen, those that come next below it, where they are drawn already, and the others away.
  #place() {
    const screen = getScreenSize();
    const cells = arrangeCells(this.#count, screen);
    const legible = findLegibleScale(screen);
    const next = this.#timer || this.#plots.size > this.#count ? this.#order.preview(this.#count) : [];
    this.#isPlacing = true;
    for (const [id, plot] of this.#plots) {
      const cell = cells[this.#shown.indexOf(id)];
      const nextCell = cells[next.indexOf(id)];
      if (cell) plot.show(cell, legible, true);
      else if (nextCell) plot.show({ ...nextCell, top: nextCell.top + screen.height }, legible, false);
      else this.#park(plot);
    }
    this.#isPlacing = false;
    this.#updateResolution();
  }

  /**
   * A plot that nobody sees does not need the memory of a large screen.
   * @param {WallPlot} plot
   */
  #park(plot) {
    plot.park();
    this.#magnifier.adaptPixelRatio([]);
    plot.fitted.updateResolution();
  }

  #updateResolution() {
    if (this.#isPlacing) return;
    this.#magnifier.adaptPixelRatio(this.#shown.flatMap((id) => this.#plots.get(id)?.fitted ?? []));
    const visible = [...this.#plots.values()].filter(({ isParked }) => !isParked);
    for (const { fitted } of visible) fitted.updateResolution();
  }
}

function getScreenSize() {
  const { clientWidth, clientHeight } = document.documentElement;
  return { width: clientWidth, height: clientHeight };
}
