// Queues the messages about one plot, and passes them on in order, so that no plot waits for another one.

/** @import { PlotMessage } from "./messages.mjs" */

// More than a plot gets in five seconds. Messages that wait longer, since a drawing never ends or takes longer than
// its changes follow each other, are dropped; the next one then does not fit, and the plot is requested whole.
const MAX_WAITING = 200;
const MAX_WAITING_BYTES = 50_000_000;

/**
 * @typedef {object} PlotQueueHandlers
 * @property {(...messages: PlotMessage[]) => Promise<void>} onMessages called with a whole plot, or with all waiting
 *   changes
 * @property {() => void} onEmpty
 */

export class PlotQueue {
  /** @type {PlotMessage[]} */
  #messages = [];
  /** @type {(() => Promise<void>)[]} */
  #tasks = [];
  #isRunning = false;
  #isHandling = false;
  #handlers;

  /** @param {PlotQueueHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  // True if a message waits or is being handled.
  get hasMessages() {
    return this.#isHandling || this.#messages.length > 0;
  }

  /**
   * A whole plot replaces the messages that wait.
   * @param {PlotMessage} message
   */
  add(message) {
    if (message.base === null || this.#isFullWith(message)) this.#messages = [];
    this.#messages.push(message);
    this.#run();
  }

  /**
   * Runs a task when no message is being handled; messages that arrive meanwhile wait for it. Resolves at its end.
   * @param {() => Promise<void>} task
   * @returns {Promise<void>}
   */
  runExclusively(task) {
    return new Promise((resolve, reject) => {
      this.#tasks.push(() => task().then(resolve, reject));
      this.#run();
    });
  }

  // Drops the messages that wait, since they are about a former page.
  clear() {
    this.#messages = [];
  }

  // Does nothing if it is running already: that run handles what is new too.
  async #run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#tasks.length || this.#messages.length) {
        const task = this.#tasks.shift();
        if (task) await task();
        else await this.#handleNext();
      }
    } finally {
      this.#isRunning = false;
    }
    this.#handlers.onEmpty();
  }

  /**
   * Returns true if the message does not fit. A whole plot does not count: without it, it would be requested again.
   * @param {PlotMessage} message
   */
  #isFullWith(message) {
    const changes = [...this.#messages, message].filter(({ base }) => base !== null);
    const size = changes.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return changes.length > MAX_WAITING || (changes.length > 1 && size > MAX_WAITING_BYTES);
  }

  async #handleNext() {
    const messages = this.#messages.splice(0, countTogether(this.#messages));
    this.#isHandling = true;
    try {
      await this.#handlers.onMessages(...messages);
    } finally {
      this.#isHandling = false;
    }
  }
}

/**
 * Returns how many of the first messages are handled together. A plot that changes faster than it is drawn is drawn
 * once for all its changes.
 * @param {PlotMessage[]} messages
 */
const countTogether = ([first, ...others]) => first?.base === null ? 1 : 1 + others.length;
