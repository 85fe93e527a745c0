// Sends the author's commands to the share, and hands out the answers.

/**
 * @import { AnswerMessage, AuthorRequest } from "./messages.mjs"
 * @typedef {{ resolve: () => void, reject: (error: Error) => void }} Waiter
 */

export class AuthorCommands {
  #send;
  #onWaiting;
  #moveTo;
  #count = 0;
  /** @type {Map<number, Waiter>} By the number of the command. */
  #waiters = new Map();

  /**
   * @param {(message: AuthorRequest) => void} send
   * @param {(text: string) => void} onWaiting called if a command has to wait for the running cell
   * @param {(url: string) => void} moveTo called with the page's new address, relative to the former one
   */
  constructor(send, onWaiting, moveTo) {
    this.#send = send;
    this.#onWaiting = onWaiting;
    this.#moveTo = moveTo;
  }

  /**
   * Resolves when the change is made. Is rejected with the reason if it is not.
   * @param {string} name
   * @param {Record<string, unknown>} options
   * @returns {Promise<void>}
   */
  run(name, options = {}) {
    const number = this.#count += 1;
    return new Promise((resolve, reject) => {
      this.#waiters.set(number, { resolve, reject });
      this.#send({ do: name, number, ...options });
    });
  }

  /** @param {AnswerMessage} message */
  handleAnswer({ number, state, text, url }) {
    if (url) this.#moveTo(url);
    const waiter = this.#waiters.get(number);
    if (!waiter) return;
    if (state === "waiting") {
      this.#onWaiting(text);
      return;
    }
    this.#waiters.delete(number);
    if (state === "done") waiter.resolve();
    else waiter.reject(new Error(text));
  }

  // Answers to commands of a former connection do not arrive any more.
  handleClose() {
    for (const { reject } of this.#waiters.values()) reject(new Error("The connection was lost. Try again."));
    this.#waiters.clear();
  }
}
