// Divides long work into parts, between which the browser has time for the page.

import { yieldToBrowser } from "./frames.mjs";

// In milliseconds; less than a frame of a screen with 60 Hz.
const PART_DURATION = 12;

export class Pacer {
  #signal;
  #getTime;
  #end = 0;

  /**
   * @param {AbortSignal | null} signal ends the work
   * @param {() => number} getTime in milliseconds
   */
  constructor(signal = null, getTime = () => performance.now()) {
    this.#signal = signal;
    this.#getTime = getTime;
  }

  // Called often; gives the browser time when a part is over. Throws the reason of the signal once it is aborted.
  async pause() {
    if (this.#getTime() < this.#end) return;
    this.#signal?.throwIfAborted();
    await yieldToBrowser();
    this.#signal?.throwIfAborted();
    this.#end = this.#getTime() + PART_DURATION;
  }
}
