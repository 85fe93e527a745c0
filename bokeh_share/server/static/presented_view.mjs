// Collects the messages of a presentation to the view that the author has now.

/** @import { PresentedField, PresentMessage, Spot } from "./messages.mjs" */

export class PresentedView {
  #isPresenting = false;
  // True while the author's kernel is away: then nobody presents.
  isSuspended = false;
  /** @type {Map<string, PresentedField[]>} By plot id. */
  plots = new Map();
  /** @type {string[]} The ids of the plots in the author's window, from top to bottom. */
  inView = [];
  /** @type {Spot | null} The place of the author's pointer. */
  pointer = null;

  get isPresenting() {
    return this.#isPresenting && !this.isSuspended;
  }

  /** @param {PresentMessage} message */
  apply(message) {
    if (!message.presenting || message.whole) this.clear();
    this.#isPresenting = message.presenting;
    if (!message.presenting) return;
    for (const [plot, fields] of Object.entries(message.plots)) this.plots.set(plot, fields);
    this.inView = message.in_view ?? this.inView;
    this.pointer = message.pointer;
  }

  // A new connection begins without a presentation; if there is one, the whole of it follows.
  clear() {
    this.#isPresenting = false;
    this.plots.clear();
    this.inView = [];
    this.pointer = null;
  }
}
