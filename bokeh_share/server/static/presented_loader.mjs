// Loads the script that shows pins and what the author presents, when the first of them arrives.

/**
 * @import { FollowedCard } from "./follower.mjs"
 * @import { PinsMessage, PresentMessage } from "./messages.mjs"
 * @import { Presented } from "./presented.mjs"
 */

const SCRIPT = "./presented.js";
const RETRY_DELAY = 3000;

export class PresentedLoader {
  #listCards;
  /** @type {(PresentMessage | PinsMessage)[]} Messages that arrived before the script. */
  #waiting = [];
  /** @type {Presented | null} */
  #presented = null;
  #isLoading = false;
  #isAway = false;
  #failureCount = 0;

  /** @param {() => FollowedCard[]} listCards in the page's order */
  constructor(listCards) {
    this.#listCards = listCards;
  }

  /** @param {PresentMessage | PinsMessage} message */
  handle(message) {
    if (this.#presented) {
      this.#presented.handle(message);
      return;
    }
    // most pages never have any
    const isEmpty = message.kind === "pins" ? message.pins.length === 0 : !message.presenting;
    if (isEmpty && this.#waiting.length === 0) return;
    this.#waiting.push(message);
    this.#load();
  }

  handleOpen() {
    this.#waiting = [];
    this.#presented?.handleOpen();
  }

  /** @param {boolean} isAway true while the author's kernel is away, and nobody presents */
  setAway(isAway) {
    this.#isAway = isAway;
    this.#presented?.setAway(isAway);
  }

  async #load() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      // a browser keeps the failure of an address, so the next attempt needs another one
      const module = await import(this.#failureCount ? `${SCRIPT}?${this.#failureCount}` : SCRIPT);
      this.#presented = new module.Presented(this.#listCards);
      this.#presented?.setAway(this.#isAway);
      for (const message of this.#waiting.splice(0)) this.#presented?.handle(message);
    } catch (error) {
      console.warn("what the author presents could not be loaded:", error);
      this.#failureCount += 1;
      setTimeout(() => { if (this.#waiting.length > 0) this.#load(); }, RETRY_DELAY);
    } finally {
      this.#isLoading = false;
    }
  }
}
