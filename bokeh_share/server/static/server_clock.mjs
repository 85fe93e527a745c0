// Reads the server's time, since a viewer's clock may be wrong.

export class ServerClock {
  // Milliseconds from the viewer's clock to the server's.
  #offset = 0;

  /**
   * @param {number | null} serverTime in milliseconds since 1970; null if there is no server
   * @param {number} now by the viewer's clock
   */
  set(serverTime, now = Date.now()) {
    if (serverTime !== null) this.#offset = serverTime - now;
  }

  /** @param {number} now by the viewer's clock */
  read(now = Date.now()) {
    return now + this.#offset;
  }
}
