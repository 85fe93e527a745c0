// Draws plots for the first time: those in view first, then those near, and when the browser is idle, the next five.

import { NEAR_WINDOWS, findPlaces } from "./draw_order.mjs";
import { requestIdle, waitForFrame, yieldToBrowser } from "./frames.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { DrawTurns, EndTurn } from "./draw_turns.mjs"
 */

// Half a second: messages may arrive without end.
const MAX_WAITED_FRAMES = 30;

// While all plots are drawn, the browser gets a frame only after so many milliseconds, since frames take time.
const ALL_FRAME_TIME = 150;

/**
 * @typedef {object} DrawSteps
 * @property {() => Card[]} listCards in the page's order
 * @property {() => boolean} isReceiving true while plots arrive one after the other; those out of view then wait
 * @property {(card: Card) => Promise<boolean>} load loads what BokehJS needs for the plot; resolves to false if that
 *   failed
 * @property {(card: Card, endTurn: EndTurn) => Promise<void>} draw
 */

export class DrawScheduler {
  #turns;
  #steps;
  #observer = new IntersectionObserver(() => this.wake(), { rootMargin: `${NEAR_WINDOWS * 100}% 0px` });
  /** @type {Map<Card, string>} The parts of BokehJS with which the plot of a card is being loaded or drawn. */
  #busy = new Map();
  /** @type {WeakMap<Card, string>} The parts of BokehJS that were loaded for a card. */
  #loaded = new WeakMap();
  #isRunning = false;
  #isDrawingAll = false;
  // True when the browser was idle, until a plot is drawn or no plot waits for that.
  #isIdle = false;
  #isIdleRequested = false;
  // True after a plot was drawn: the browser then gets a frame before the next one.
  #isFrameDue = false;
  #lastFrame = 0;
  // The frames for which plots out of view have waited since the last one was drawn.
  #waitedFrames = 0;

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
        if (next.rank > 0 && this.#isWaitingForMessages()) await waitForFrame();
        else if (this.#isLoaded(next.card)) await this.#drawNext();
        else await this.#load(next.card);
      }
      this.#isIdle = false;
      if (!this.#steps.listCards().some(({ isDrawable }) => isDrawable)) this.#isDrawingAll = false;
    } finally {
      this.#isRunning = false;
    }
  }

  // Receiving a plot takes little time, and what arrives may be a change of a plot that the viewer sees.
  #isWaitingForMessages() {
    const isWaiting = this.#waitedFrames < MAX_WAITED_FRAMES && this.#steps.isReceiving();
    this.#waitedFrames = isWaiting ? this.#waitedFrames + 1 : 0;
    return isWaiting;
  }

  /** @param {Card} card */
  #isLoaded(card) {
    return this.#loaded.get(card) === describeParts(card);
  }

  /**
   * Other plots do not wait for a script that takes long, nor does the plot itself after a change that needs others.
   * @param {Card} card
   */
  async #load(card) {
    const parts = describeParts(card);
    const end = this.#setBusy(card, parts);
    const loading = this.#steps.load(card).then((isLoaded) => {
      if (isLoaded) this.#loaded.set(card, parts);
    }).finally(end);
    await Promise.race([loading, waitForFrame()]);
  }

  async #drawNext() {
    const endTurn = await this.#turns.take(() => this.#findNext()?.rank ?? Infinity);
    if (this.#isFrameDue) await this.#waitForFrame();
    this.#isFrameDue = false;
    // the viewer may have scrolled meanwhile
    const card = this.#findNext()?.card;
    if (!card || !this.#isLoaded(card)) {
      endTurn();
      return;
    }
    this.#isFrameDue = true;
    this.#isIdle = false;
    const end = this.#setBusy(card, describeParts(card));
    this.#steps.draw(card, endTurn).finally(() => {
      endTurn();
      end();
    });
  }

  async #waitForFrame() {
    if (this.#isDrawingAll && performance.now() - this.#lastFrame < ALL_FRAME_TIME) return yieldToBrowser();
    await waitForFrame();
    this.#lastFrame = performance.now();
  }

  /**
   * Returns a function that ends this, unless the card is busy with other parts by then.
   * @param {Card} card
   * @param {string} parts
   */
  #setBusy(card, parts) {
    this.#busy.set(card, parts);
    return () => {
      if (this.#busy.get(card) === parts) this.#busy.delete(card);
      this.wake();
    };
  }

  /** @param {Card} card */
  #isBusy(card) {
    return this.#busy.get(card) === describeParts(card);
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
      .filter(({ card }) => card.isDrawable && !this.#isBusy(card)).sort((one, other) => one.rank - other.rank);
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
const describeParts = ({ neededParts }) => neededParts ?? "";
