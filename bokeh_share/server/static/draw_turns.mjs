// Lets plots be built one after the other, first those that the viewer sees.

// A plot that takes longer, since it waits for something, no longer holds up the others.
const MAX_TURN = 1000;

// A plot that others pass this often is next: those that change all the time would else never let it be drawn.
const MAX_PASSES = 10;

/**
 * @typedef {() => void} EndTurn may be called several times
 * @typedef {{ getRank: () => number, start: () => void, passes: number }} Waiter
 */

export class DrawTurns {
  /** @type {Waiter[]} */
  #waiting = [];
  #isTaken = false;

  /**
   * Resolves when it is this one's turn, to a function that ends the turn.
   * @param {() => number} getRank called when a turn is given; the lowest rank has it, but see `MAX_PASSES`
   * @returns {Promise<EndTurn>}
   */
  take(getRank) {
    return new Promise((resolve) => {
      this.#waiting.push({ getRank, start: () => resolve(this.#createEnd()), passes: 0 });
      this.#giveNext();
    });
  }

  #giveNext() {
    if (this.#isTaken || this.#waiting.length === 0) return;
    const [next] = this.#waiting.splice(this.#findNext(), 1);
    for (const each of this.#waiting) each.passes += 1;
    this.#isTaken = true;
    next?.start();
  }

  #findNext() {
    const overdue = this.#waiting.findIndex(({ passes }) => passes >= MAX_PASSES);
    if (overdue >= 0) return overdue;
    const ranks = this.#waiting.map(({ getRank }) => getRank());
    return ranks.indexOf(Math.min(...ranks));
  }

  #createEnd() {
    let hasEnded = false;
    const end = () => {
      if (hasEnded) return;
      hasEnded = true;
      clearTimeout(timer);
      this.#isTaken = false;
      this.#giveNext();
    };
    const timer = setTimeout(end, MAX_TURN);
    return end;
  }
}
