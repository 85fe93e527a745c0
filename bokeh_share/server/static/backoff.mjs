// Computes delays between attempts, each about twice as long as the one before, up to a limit.

// The smallest part of the delay that a page waits. The rest is at random, so that not all viewers of a server that
// restarts come back at the same moment.
const MIN_PART = 0.5;

export class Backoff {
  #minimum;
  #maximum;
  #delay;
  #random;

  /**
   * @param {number} minimum in milliseconds
   * @param {number} maximum
   * @param {() => number} random returns a number from 0 to 1
   */
  constructor(minimum, maximum, random = Math.random) {
    this.#minimum = minimum;
    this.#maximum = maximum;
    this.#delay = minimum;
    this.#random = random;
  }

  /**
   * Chooses a delay before the next attempt: at random, from half of the limit of this attempt to all of it.
   * @param {number} limit in milliseconds, if that of this attempt is smaller
   */
  chooseDelay(limit = 0) {
    return Math.max(limit, this.#delay) * (MIN_PART + (1 - MIN_PART) * this.#random());
  }

  increase() {
    this.#delay = Math.min(this.#delay * 2, this.#maximum);
  }

  reset() {
    this.#delay = this.#minimum;
  }
}
