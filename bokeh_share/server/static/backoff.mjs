// Computes delays between attempts, each twice as long as the one before, up to a limit.

export class Backoff {
  #minimum;
  #maximum;
  #delay;

  /**
   * @param {number} minimum in milliseconds
   * @param {number} maximum
   */
  constructor(minimum, maximum) {
    this.#minimum = minimum;
    this.#maximum = maximum;
    this.#delay = minimum;
  }

  // The delay before the next attempt.
  get delay() {
    return this.#delay;
  }

  increase() {
    this.#delay = Math.min(this.#delay * 2, this.#maximum);
  }

  reset() {
    this.#delay = this.#minimum;
  }
}
