// Decides which state the page shows, and formats its text.

import { formatTime } from "./times.mjs";

/**
 * @typedef {"connecting" | "live" | "busy" | "paused" | "away" | "reconnecting" | "ended" | "moved" | "full" | "locked"
 *   | "blocked" | "sent-away" | "saved"} StateName
 * @typedef {object} State
 * @property {StateName} name
 * @property {() => string} describe its text now: a time is named with its day from the next day on
 * @property {Date} [busySince] the page shows the duration after the text
 * @property {string} [note] a text that follows the duration
 */

// As in `wire/close_codes`.
const SHARE_ENDED = 4000;
const SHARE_MOVED = 4001;
const TOO_MANY_VIEWERS = 4003;
const PASSWORD_REQUIRED = 4006;
const SENT_AWAY = 4008;

const FULL_TEXT = "This page is full. It opens by itself when someone leaves.";
const SENT_AWAY_TEXT = "The author closed this page";
const BUSY_NOTE = ". You see the last state.";
const AWAY_NOTE = ". This is the last state.";
const BLOCKED_TEXT = "Something between this browser and the author’s computer lets no websocket through";

/** @type {StateName[]} States in which the page is connected. Of several, `away` is shown, then `paused`, then `busy`. */
const OPEN_STATES = ["live", "busy", "paused", "away"];

/** @type {StateName[]} States in which the page waits longest before it connects again. */
const CLOSED_STATES = ["ended", "moved", "full", "locked", "blocked", "sent-away"];

/** @type {State} */
export const CONNECTING = { name: "connecting", describe: () => "Connecting…" };

/**
 * @param {Date} at
 * @returns {State}
 */
export function buildSavedState(at) {
  const time = at.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  return { name: "saved", describe: () => `Saved on ${time}` };
}

export class ShareState {
  #state = CONNECTING;
  #onChange;
  /** @type {number | null} */
  #pausedSince = null;
  /** @type {Date | null} The time, by the viewer's clock, at which the author's kernel began to run a cell. */
  #busySince = null;
  /** @type {Date | null} The time, by the viewer's clock, of the last sign of life of the author's kernel. */
  #awaySince = null;
  /** @type {URL | null} */
  #newUrl = null;

  /** @param {(state: State) => void} onChange called with each state, also with the same one again */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  // The URL that the page is about to move to.
  get newUrl() {
    return this.#newUrl;
  }

  // True if the author closed this page for good: it does not connect again by itself.
  get isSentAway() {
    return this.#state.name === "sent-away";
  }

  get isClosed() {
    return CLOSED_STATES.includes(this.#state.name);
  }

  // True if the author's kernel was away when the server last reported it.
  get isAway() {
    return this.#awaySince !== null;
  }

  // On a new connection the server reports if the kernel is busy or away.
  handleOpen() {
    this.#busySince = this.#awaySince = null;
  }

  /** @param {{ paused: number | null }} message */
  handlePage({ paused }) {
    this.#pausedSince = paused;
    this.#showLive();
  }

  /**
   * @param {number | null} seconds
   * @param {number} now
   */
  handleBusy(seconds, now = Date.now()) {
    this.#busySince = seconds === null ? null : new Date(now - seconds * 1000);
    if (["live", "busy"].includes(this.#state.name)) this.#showLive();
  }

  /**
   * @param {number | null} seconds
   * @param {number} now
   */
  handleAway(seconds, now = Date.now()) {
    this.#awaySince = seconds === null ? null : new Date(now - seconds * 1000);
    if (OPEN_STATES.includes(this.#state.name)) this.#showLive();
  }

  /** @param {URL | null} newUrl null if the page cannot follow */
  handleMoved(newUrl) {
    this.#newUrl = newUrl;
    this.#set("moved", () => newUrl
      ? "Moving to a new address…"
      : "Sharing has moved to another address. Ask the author for the new link.");
  }

  /** @param {string} reason */
  handleLocked(reason) {
    if (this.#state.name !== "locked") this.#set("locked", () => reason);
  }

  // The page is loaded by HTTP, and its websocket is refused again and again.
  handleBlocked() {
    if (this.#state.name !== "blocked") this.#set("blocked", () => BLOCKED_TEXT);
  }

  /**
   * Returns true if the state stays the same: only a request by HTTP reveals if the server has a password now, or if
   * something between lets no websocket through.
   * @param {{ code: number, reason: string }} event
   * @param {Date} at
   */
  handleClose({ code, reason }, at) {
    if (code === SHARE_ENDED) {
      const shownReason = reason === "sharing ended" || !reason ? "" : `: ${reason}`;
      this.#set("ended", () => `Sharing ended at ${formatTime(at)}${shownReason}`);
    } else if (code === SENT_AWAY) {
      this.#set("sent-away", () => SENT_AWAY_TEXT);
    } else if (code === PASSWORD_REQUIRED) {
      this.handleLocked(reason);
    } else if (code === TOO_MANY_VIEWERS) {
      this.#set("full", () => FULL_TEXT);
    } else if (code === SHARE_MOVED) {
      if (this.#state.name !== "moved") this.handleMoved(null);
    } else if (this.#state.name !== "reconnecting" && !this.isClosed) {
      this.#set("reconnecting", () => `Reconnecting since ${formatTime(at)}…`);
    } else {
      return true;
    }
    return false;
  }

  #showLive() {
    const paused = this.#pausedSince;
    const busySince = this.#busySince;
    const awaySince = this.#awaySince;
    if (awaySince) {
      this.#set("away", () => `The author’s notebook is away since ${formatTime(awaySince)}`, { note: AWAY_NOTE });
    } else if (paused) this.#set("paused", () => `The author paused this page at ${formatTime(new Date(paused))}`);
    else if (busySince) {
      this.#set("busy", () => "The author’s notebook is running", { busySince, note: BUSY_NOTE });
    } else this.#set("live", () => "Live");
  }

  /**
   * @param {StateName} name
   * @param {() => string} describe
   * @param {{ busySince?: Date, note?: string }} details
   */
  #set(name, describe, details = {}) {
    this.#state = { name, describe, ...details };
    this.#onChange(this.#state);
  }
}
