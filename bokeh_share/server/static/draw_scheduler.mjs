// Draws plots for the first time: those in view first, then those near, and when the browser is idle, the next five.

import { NEAR_WINDOWS, findPlaces } from "./draw_order.mjs";
import { requestIdle, waitForFrame } from "./frames.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { DrawTurns, EndTurn } from "./draw_turns.mjs"
 */

/**
 * @typedef {object} DrawSteps
 * @property {() => Card[]} listCards in the page's order
 * @property {(card: Card) => Promise<boolean>} load loads what BokehJS needs for the plot; resolves to false if that
 *   failed
 * @property {(card: Card, endTurn: EndTurn) => Promise<void>} draw
 */

export class DrawScheduler {
  #turns;
  #steps;
  #observer = new IntersectionObserver(() => this.wake(), { rootMargin: `${NEAR_WINDOWS * 100}% 0px` });
  /** @type {Set<Card>} Cards whose plot is being loaded or drawn. */
  #busy = new Set();
  /** @type {WeakMap<Card, string>} The parts of BokehJS that were loaded for a card. */
  #loaded = new WeakMap();
  #isRunning = false;
  #isDrawingAll = false;
  // True when the browser was idle, until a plot is drawn.
  #isIdle = false;
  #isIdleRequested = false;
  // True after a plot was drawn: the browser then gets a frame before the next one.
  #isFrameDue = false;

  /**
   * @param {DrawTurns} turns
   * @param {DrawSteps} steps
   */
  constructor(turns, steps) {
    this.#turns = turns;
    this.#steps = steps;
  }

  /** @param {Card} card that was added to the page */
  watch({ section }) {
    this.#observer.observe(section);
  }

  /** @param {Card} card that was removed from the page */
  unwatch({ section }) {
    this.#observer.unobserve(section);
  }

  // Draws all plots that have arrived, also those that are far from the window.
  drawAll() {
    this.#isDrawingAll = true;
    this.wake();
  }

  // Draws the plots that are due. Called when one arrived, or came nearer.
  async wake() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let next = this.#findNext(); next; next = this.#findNext()) {
        if (this.#isLoaded(next.card)) await this.#drawNext();
        else await this.#load(next.card);
      }
      if (!this.#steps.listCards().some(({ isDrawable }) => isDrawable)) this.#isDrawingAll = false;
    } finally {
      this.#isRunning = false;
    }
  }

  /** @param {Card} card */
  #isLoaded(card) {
    return this.#loaded.get(card) === describeParts(card);
  }

  /**
   * Other plots do not wait for a script that takes long.
   * @param {Card} card
   */
  async #load(card) {
    const parts = describeParts(card);
    this.#busy.add(card);
    const loading = this.#steps.load(card).then((isLoaded) => {
      if (isLoaded) this.#loaded.set(card, parts);
      this.#busy.delete(card);
      this.wake();
    });
    await Promise.race([loading, waitForFrame()]);
  }

  async #drawNext() {
    const endTurn = await this.#turns.take(() => this.#findNext()?.rank ?? Infinity);
    if (this.#isFrameDue) await waitForFrame();
    this.#isFrameDue = false;
    // the viewer may have scrolled meanwhile
    const card = this.#findNext()?.card;
    if (!card || !this.#isLoaded(card)) {
      endTurn();
      return;
    }
    this.#isFrameDue = true;
    this.#isIdle = false;
    this.#busy.add(card);
    this.#steps.draw(card, endTurn).finally(() => {
      endTurn();
      this.#busy.delete(card);
      this.wake();
    });
  }

  // Returns the plot to draw next, with its rank; null if there is none now.
  #findNext() {
    const cards = this.#steps.listCards();
    const named = cards.findIndex((card) => card.isNamedInAddress);
    const extents = cards.map(({ section }) => section.getBoundingClientRect());
    // Safari's `innerHeight` shrinks when two fingers zoom the page, and the window of the observer does not
    const windowHeight = Math.max(innerHeight, document.documentElement.clientHeight);
    const places = findPlaces(extents, windowHeight, { named, isDrawingAll: this.#isDrawingAll });
    const undrawn = cards.map((card, index) => ({ card, rank: Infinity, time: "later", ...places[index] }))
      .filter(({ card }) => card.isDrawable && !this.#busy.has(card)).sort((one, other) => one.rank - other.rank);
    const next = undrawn.find(({ time }) => time === "now");
    const idle = undrawn.find(({ time }) => time === "when idle");
    if (next || !idle) return next ?? null;
    if (this.#isIdle) return idle;
    this.#requestIdle();
    return null;
  }

  #requestIdle() {
    if (this.#isIdleRequested) return;
    this.#isIdleRequested = true;
    requestIdle(() => {
      this.#isIdleRequested = false;
      this.#isIdle = true;
      this.wake();
    });
  }
}

/** @param {Card} card */
const describeParts = ({ undrawn }) => undrawn?.parts.join(" ") ?? "";
