// Tracks the states of a plot that a page has drawn, was notified of, or has requested.

/**
 * @import { PlotEntry, PlotMessage } from "./messages.mjs"
 * @typedef {{ epoch: string, generation: number }} PlotState
 */

export class PlotProgress {
  // When the plot last changed, in milliseconds since 1970.
  changed = 0;
  #newestGeneration = 0;
  /** @type {string | null} The page's epoch; null while it is the one in which the plot came. */
  #pageEpoch = null;
  /** @type {number | null} The change that is on screen, or will be once the plot is drawn. */
  #shownChange = null;
  /** @type {string | null} The page's state, drawn or not; null if a patch may have been applied in part. */
  #epoch = null;
  /** @type {number | null} */
  #generation = null;
  #version = -1;
  // A page message announced a change that has not arrived yet.
  #isBehind = true;
  /** @type {PlotState | null} The state that the page received and could not draw. */
  #failed = null;
  /** @type {string | null} The state that was requested again. */
  #resendKey = null;
  #isAwaitingResend = false;

  get isBehind() {
    return this.#isBehind;
  }

  // The state that the page received and could not draw; null if a later one has arrived.
  get failed() {
    return this.#failed;
  }

  // True if a change was announced that has not arrived yet.
  get isAwaited() {
    return this.#isBehind && this.#failed === null;
  }

  // True if the plot was requested again on this connection, and has not arrived yet.
  get isRequested() {
    return this.#isAwaitingResend;
  }

  // True once a message about the plot has been processed, also if the plot is not drawn.
  get hasArrived() {
    return this.#version >= 0;
  }

  /**
   * Handles that the share was restarted: generations count from the start.
   * @param {string} epoch
   */
  startEpoch(epoch) {
    this.#pageEpoch = epoch;
    this.#version = -1;
    this.#isBehind = true;
    this.#failed = null;
  }

  /**
   * @param {PlotEntry} entry
   * @param {number} pageVersion
   */
  announce({ changed, generation }, pageVersion) {
    if (this.changed !== changed && this.#version < pageVersion) this.#isBehind = true;
    this.changed = changed;
    this.#newestGeneration = generation;
  }

  // Requests of the former connection are not answered any more.
  forgetRequest() {
    this.#isAwaitingResend = false;
  }

  /**
   * Returns false for a patch that arrives before the requested whole plot.
   * @param {PlotMessage} message
   */
  accept({ base }) {
    if (base !== null && this.#isAwaitingResend) return false;
    this.#isAwaitingResend = false;
    return true;
  }

  /**
   * @param {string} epoch
   * @param {number | null} generation
   */
  hasGeneration(epoch, generation) {
    return this.#epoch === epoch && this.#generation === generation;
  }

  /**
   * Returns true if this is a new change. The page has it, drawn or not.
   * @param {PlotMessage} message
   */
  recordReceived({ epoch, generation, version }) {
    if (this.#isOutdated(epoch)) return false;
    const isNew = this.#shownChange !== this.changed;
    this.#epoch = epoch;
    this.#generation = generation;
    this.#failed = null;
    this.#version = version;
    this.#shownChange = this.changed;
    this.#isBehind = generation < this.#newestGeneration;
    return isNew;
  }

  /**
   * A patch may have been applied in part, so the drawing counts as no generation.
   * @param {PlotMessage} message
   */
  recordFailure({ epoch, generation, version }) {
    if (this.#isOutdated(epoch)) return;
    this.#failed = { epoch, generation };
    this.#epoch = null;
    this.#generation = null;
    this.#version = version;
    this.#isBehind = true;
  }

  /**
   * Returns true if this state has not been requested again yet.
   * @param {PlotMessage} message
   */
  canRequest(message) {
    return this.#resendKey !== buildKey(message);
  }

  /** @param {PlotState} state */
  recordRequest(state) {
    this.#resendKey = buildKey(state);
    this.#isAwaitingResend = true;
  }

  /**
   * Returns true for a message that was being drawn when the share was restarted.
   * @param {string} epoch
   */
  #isOutdated(epoch) {
    return this.#pageEpoch !== null && epoch !== this.#pageEpoch;
  }
}

/** @param {PlotState} state */
const buildKey = ({ epoch, generation }) => `${epoch} ${generation}`;
