// Shows the share's state, its last change, and the buttons of the password in the page's header.

import { findElement, setText, showChangeTime } from "./dom.mjs";
import { CONNECTING } from "./states.mjs";
import { formatDuration } from "./times.mjs";
import { resolveUrl } from "./urls.mjs";

/** @import { State } from "./states.mjs" */

// Texts such as "3 min ago" are updated after this many milliseconds.
export const REFRESH_INTERVAL = 10_000;

export class StatusLine {
  #stateText = findElement(".page-header .state-text");
  // Hidden from screen readers, which would announce the state again each time.
  #busyDuration = findElement(".page-header .busy-duration");
  #note = findElement(".page-header .state-note");
  #lastChange = findElement(".page-header .last-change");
  #loginButton = findElement(".page-header .login-button");
  /** @type {HTMLElement | null} */
  #logoutButton = document.querySelector(".page-header .logout-button");
  /** @type {State} */
  #state = CONNECTING;

  constructor() {
    this.#loginButton.addEventListener("click", () => location.reload());
    this.#logoutButton?.addEventListener("click", async () => {
      await fetch(resolveUrl("logout", location), { method: "POST" });
      location.reload();
    });
  }

  /** @param {State} state */
  show(state) {
    this.#state = state;
    document.documentElement.dataset.state = state.name;
    setText(this.#stateText, state.describe());
    setText(this.#note, state.note ?? "");
    this.#showBusyDuration();
    this.#loginButton.hidden = state.name !== "locked";
    if (this.#logoutButton) this.#logoutButton.hidden = state.name === "locked";
  }

  /**
   * Updates the texts that depend on the time.
   * @param {number} lastChange in milliseconds since 1970, or 0
   * @param {number} now by the server's clock
   */
  refresh(lastChange, now) {
    setText(this.#stateText, this.#state.describe());
    this.#showBusyDuration();
    showChangeTime(this.#lastChange, lastChange, now);
  }

  #showBusyDuration() {
    const since = this.#state.busySince;
    const duration = since ? formatDuration(Date.now() - since.getTime()) : "";
    this.#busyDuration.hidden = !duration;
    setText(this.#busyDuration, duration && ` (${duration})`);
  }
}
