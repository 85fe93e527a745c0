// Lets plots be built one after the other, first those that the viewer sees.

// A plot that takes longer, since it waits for something, no longer holds up the others.
const MAX_TURN = 1000;

/**
 * @typedef {() => void} EndTurn may be called several times
 * @typedef {{ getRank: () => number, start: () => void }} Waiter
 */

export class DrawTurns {
  /** @type {Waiter[]} */
  #waiting = [];
  #isTaken = false;

  /**
   * Resolves when it is this one's turn, to a function that ends the turn.
   * @param {() => number} getRank called when a turn is given; the lowest rank has it
   * @returns {Promise<EndTurn>}
   */
  take(getRank) {
    return new Promise((resolve) => {
      this.#waiting.push({ getRank, start: () => resolve(this.#createEnd()) });
      this.#giveNext();
    });
  }

  #giveNext() {
    if (this.#isTaken || this.#waiting.length === 0) return;
    const ranks = this.#waiting.map(({ getRank }) => getRank());
    const [next] = this.#waiting.splice(ranks.indexOf(Math.min(...ranks)), 1);
    this.#isTaken = true;
    next?.start();
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
