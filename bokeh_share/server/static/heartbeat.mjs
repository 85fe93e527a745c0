// Detects connections that are silent for too long. A browser may take minutes to detect a lost connection.

const TIMEOUT_FACTOR = 2.5;
// A large message delays the heartbeats until all of it has arrived.
const LARGE_MESSAGE_TIMEOUT_FACTOR = 12.5;

export class Heartbeat {
  #lastMessageTime;
  /** @type {number | null} */
  #interval = null;

  /** @param {number} now in milliseconds, as all times here */
  constructor(now) {
    this.#lastMessageTime = now;
  }

  /**
   * The server sends a heartbeat after this many seconds without another message; null if it sends none.
   * @param {number | null} seconds
   */
  setInterval(seconds) {
    this.#interval = seconds;
  }

  /** @param {number} now */
  recordMessage(now) {
    this.#lastMessageTime = now;
  }

  /**
   * @param {number} now
   * @param {boolean} isExpectingPlot a plot was announced, so a large message may be on its way
   */
  isOverdue(now, isExpectingPlot) {
    if (!this.#interval) return false;
    const factor = isExpectingPlot ? LARGE_MESSAGE_TIMEOUT_FACTOR : TIMEOUT_FACTOR;
    return now - this.#lastMessageTime >= this.#interval * factor * 1000;
  }
}
