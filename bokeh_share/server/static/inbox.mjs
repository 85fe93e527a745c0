// Queues the messages about the page and its plots, and passes them on one by one.

/** @import { PageMessage, PlotMessage } from "./messages.mjs" */

/**
 * @typedef {object} InboxHandlers
 * @property {(message: PageMessage) => void} onPage
 * @property {(message: PlotMessage) => Promise<void>} onPlot
 * @property {() => void} onEmpty
 */

export class Inbox {
  /** @type {(PageMessage | PlotMessage)[]} */
  #queue = [];
  #isProcessing = false;
  #handlers;

  /** @param {InboxHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  get isProcessing() {
    return this.#isProcessing;
  }

  /**
   * A page message goes before the queued plots; plots that it no longer lists are dropped.
   * @param {PageMessage | PlotMessage} message
   */
  add(message) {
    if (message.kind === "page") {
      const staying = new Set(message.plots.map((plot) => plot.id));
      this.#queue = this.#queue.filter((each) => {
        return each.kind === "plot" && each.epoch === message.epoch && staying.has(each.plot);
      });
      this.#queue.unshift(message);
    } else {
      if (message.base === null) {
        this.#queue = this.#queue.filter((each) => each.kind === "page" || each.plot !== message.plot);
      }
      this.#queue.push(message);
    }
  }

  // Does nothing if it is running already: that run handles the new messages too.
  async process() {
    if (this.#isProcessing) return;
    this.#isProcessing = true;
    try {
      for (let message = this.#queue.shift(); message; message = this.#queue.shift()) {
        if (message.kind === "page") this.#handlers.onPage(message);
        else await this.#handlers.onPlot(message);
      }
    } finally {
      this.#isProcessing = false;
    }
    this.#handlers.onEmpty();
  }
}
