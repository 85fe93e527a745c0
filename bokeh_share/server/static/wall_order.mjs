// Decides which plots the wall shows next: in the page's order, but those that changed come first.

// In each round every plot is shown once in its turn, and may come first once: plots that change all the time do not
// keep others away.
export class WallOrder {
  /** @type {string[]} The plots of the page, in order. */
  #plots = [];
  /** @type {string[]} Plots that were not shown yet in this round. */
  #waiting = [];
  /** @type {string[]} Plots that changed while they were not shown, the newest change first. */
  #changed = [];
  /** @type {Set<string>} Plots that came first in this round. */
  #preferred = new Set();

  /** @param {string[]} plots the ids of all plots, in the page's order */
  update(plots) {
    const added = plots.filter((each) => !this.#plots.includes(each));
    const isWaiting = new Set([...this.#waiting, ...added]);
    this.#plots = plots;
    this.#waiting = plots.filter((each) => isWaiting.has(each));
    this.#changed = this.#changed.filter((each) => plots.includes(each));
  }

  /**
   * Returns true if the plot comes first from now on.
   * @param {string} plot that changed and is not shown
   */
  recordChange(plot) {
    if (!this.#plots.includes(plot) || this.#preferred.has(plot)) return false;
    this.#changed = [plot, ...this.#changed.filter((each) => each !== plot)];
    return true;
  }

  /**
   * Takes the plots that are shown next.
   * @param {number} count at most as many as there are plots
   */
  take(count) {
    const first = this.#changed.splice(0, count);
    for (const each of first) this.#preferred.add(each);
    this.#waiting = this.#waiting.filter((each) => !first.includes(each));
    const rest = this.#waiting.splice(0, count - first.length);
    const taken = [...first, ...rest];
    if (this.#waiting.length === 0) this.#startRound();
    while (taken.length < Math.min(count, this.#plots.length)) {
      const next = this.#waiting.findIndex((each) => !taken.includes(each));
      taken.push(...this.#waiting.splice(next, 1));
    }
    return taken;
  }

  // Returns the plots that would be shown next.
  preview(/** @type {number} */ count) {
    const copy = new WallOrder();
    copy.#plots = this.#plots;
    copy.#waiting = [...this.#waiting];
    copy.#changed = [...this.#changed];
    copy.#preferred = new Set(this.#preferred);
    return copy.take(count);
  }

  #startRound() {
    this.#waiting = [...this.#plots];
    this.#preferred.clear();
  }
}
