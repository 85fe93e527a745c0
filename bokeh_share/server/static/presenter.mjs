// Sends what the author sees while they present: only what changed, ten times a second at most.

import { readPresentedFields } from "./presented_plot.mjs";

/**
 * @import { AuthorRequest, Spot } from "./messages.mjs"
 * @typedef {{ plotId: string, section: HTMLElement, drawing: { bokeh: BokehJS.Document | null } | null }} PresentedCard
 */

const INTERVAL = 100;
// The server reads no message with more bytes or plots (`limits`, `wire/presented_view`). The rest follows in the next.
const MAX_MESSAGE_BYTES = 30_000;
const MAX_PLOT_BYTES = 60_000;
const MAX_PLOTS = 100;
// Half of what the server accepts (`limits`), so that commands have room beside it.
const BYTES_PER_SECOND = 65_536;

export class Presenter {
  #send;
  #listCards;
  #findPointer;
  #readTime;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** @type {Map<string, string>} The fields that were sent last, as text, by plot id. */
  #sent = new Map();
  #sentInView = "";
  #sentPointer = "";
  #nextTime = 0;
  #encoder = new TextEncoder();

  /**
   * @param {(message: AuthorRequest) => void} send
   * @param {() => PresentedCard[]} listCards in the page's order
   * @param {() => Spot | null} findPointer finds the point of a figure below the author's pointer
   * @param {() => number} readTime in milliseconds
   */
  constructor(send, listCards, findPointer, readTime = () => performance.now()) {
    this.#readTime = readTime;
    this.#send = send;
    this.#listCards = listCards;
    this.#findPointer = findPointer;
  }

  get isPresenting() {
    return this.#timer !== undefined;
  }

  start() {
    if (this.isPresenting) return;
    this.#sent.clear();
    this.#sentInView = this.#sentPointer = "";
    this.#timer = setInterval(() => this.sendChange(), INTERVAL);
    this.sendChange();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  sendChange() {
    const now = this.#readTime();
    if (now < this.#nextTime) return;
    const cards = this.#listCards().filter(isInView).slice(0, MAX_PLOTS);
    /** @type {Record<string, unknown>} */
    const change = {};
    /** @type {Record<string, unknown>} */
    const plots = {};
    let length = 0;
    for (const { plotId, drawing } of cards) {
      const fields = drawing?.bokeh && readPresentedFields(drawing.bokeh);
      const text = JSON.stringify(fields);
      if (!fields || this.#sent.get(plotId) === text) continue;
      const size = this.#encoder.encode(text).length;
      if (size > MAX_PLOT_BYTES) continue;
      if (length > 0 && length + size > MAX_MESSAGE_BYTES) break;
      this.#sent.set(plotId, text);
      length += size;
      plots[plotId] = fields;
    }
    const shown = cards.filter(isLargelyInView);
    const ids = (shown.length > 0 ? shown : cards).map(({ plotId }) => plotId);
    const pointer = this.#findPointer();
    const [inView, pointerText] = [ids.join(" "), JSON.stringify(pointer)];
    if (inView !== this.#sentInView) change.in_view = ids;
    if (Object.keys(plots).length > 0) change.plots = plots;
    if (Object.keys(change).length === 0 && pointerText === this.#sentPointer) return;
    this.#sentInView = inView;
    this.#sentPointer = pointerText;
    this.#nextTime = now + length / BYTES_PER_SECOND * 1000;
    this.#send({ present: { ...change, pointer } });
  }
}

/** @param {PresentedCard} card */
function isInView({ section }) {
  const { top, bottom } = section.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

/**
 * Half of it, or of the window: viewers do not begin at a plot that the author has almost left.
 * @param {PresentedCard} card
 */
function isLargelyInView({ section }) {
  const { top, bottom } = section.getBoundingClientRect();
  return Math.min(bottom, innerHeight) - Math.max(top, 0) >= Math.min(bottom - top, innerHeight) / 2;
}
