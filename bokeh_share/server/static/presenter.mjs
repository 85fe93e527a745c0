// Sends what the author sees while they present: only what changed, ten times a second at most.

import { readPresentedFields } from "./presented_plot.mjs";

/**
 * @import { AuthorRequest, Spot } from "./messages.mjs"
 * @typedef {{ plotId: string, section: HTMLElement, drawing: { bokeh: BokehJS.Document } | null }} PresentedCard
 */

const INTERVAL = 100;
// The server reads no message with more bytes or plots (`limits`, `wire/presented_view`). The rest follows in the next.
const MAX_MESSAGE_LENGTH = 30_000;
const MAX_PLOTS = 100;

export class Presenter {
  #send;
  #listCards;
  #findPointer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** @type {Map<string, string>} The fields that were sent last, as text, by plot id. */
  #sent = new Map();
  #sentInView = "";
  #sentPointer = "";

  /**
   * @param {(message: AuthorRequest) => void} send
   * @param {() => PresentedCard[]} listCards in the page's order
   * @param {() => Spot | null} findPointer finds the point of a figure below the author's pointer
   */
  constructor(send, listCards, findPointer) {
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
    const cards = this.#listCards().filter(isInView).slice(0, MAX_PLOTS);
    /** @type {Record<string, unknown>} */
    const change = {};
    /** @type {Record<string, unknown>} */
    const plots = {};
    let length = 0;
    for (const { plotId, drawing } of cards) {
      if (length > MAX_MESSAGE_LENGTH) break;
      const fields = drawing && readPresentedFields(drawing.bokeh);
      const text = JSON.stringify(fields);
      if (!fields || this.#sent.get(plotId) === text) continue;
      length += text.length;
      this.#sent.set(plotId, text);
      plots[plotId] = fields;
    }
    const ids = cards.map(({ plotId }) => plotId);
    const pointer = this.#findPointer();
    const [inView, pointerText] = [ids.join(" "), JSON.stringify(pointer)];
    if (inView !== this.#sentInView) change.in_view = ids;
    if (Object.keys(plots).length > 0) change.plots = plots;
    if (Object.keys(change).length === 0 && pointerText === this.#sentPointer) return;
    this.#sentInView = inView;
    this.#sentPointer = pointerText;
    this.#send({ present: { ...change, pointer } });
  }
}

/** @param {PresentedCard} card */
function isInView({ section }) {
  const { top, bottom } = section.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}
