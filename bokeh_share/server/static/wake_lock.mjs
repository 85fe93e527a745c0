// Keeps the screen on while the wall is shown.

const INSECURE_TEXT = "This page cannot keep the screen on: browsers allow that to pages over https or on localhost only."
  + " Turn the screen saver of this computer off.";
const REFUSED_TEXT = "This browser does not keep the screen on. Turn the screen saver of this computer off.";

export class WakeLock {
  #onRefused;
  /** @type {WakeLockSentinel | null} */
  #sentinel = null;
  #isWanted = true;
  #listening = new AbortController();

  /** @param {(text: string) => void} onRefused called with the reason, once */
  constructor(onRefused) {
    this.#onRefused = onRefused;
    // the browser releases it when the tab is hidden
    document.addEventListener("visibilitychange", () => this.#request(), { signal: this.#listening.signal });
    this.#request();
  }

  release() {
    this.#isWanted = false;
    this.#listening.abort();
    this.#sentinel?.release();
    this.#sentinel = null;
  }

  async #request() {
    if (document.hidden) return;
    try {
      const sentinel = await navigator.wakeLock.request("screen");
      if (this.#isWanted) this.#sentinel = sentinel;
      else sentinel.release();
    } catch {
      if (!this.#isWanted) return;
      this.#listening.abort();
      this.#onRefused(isSecureContext ? REFUSED_TEXT : INSECURE_TEXT);
    }
  }
}
