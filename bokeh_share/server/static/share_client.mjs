// Follows the share: keeps the connection, the state and the page's version up to date, and passes on the rest.

import { Connection, MAX_RECONNECT_DELAY } from "./connection.mjs";
import { decodeMessage } from "./messages.mjs";
import { findReachableUrl, resolveUrl, resolveWebSocketUrl } from "./urls.mjs";

/**
 * @import { CustomModels } from "./custom_models.mjs"
 * @import { PageMessage, PlotMessage, PresenceMessage } from "./messages.mjs"
 * @import { PageRequest } from "./connection.mjs"
 * @import { ShareState } from "./states.mjs"
 */

const MOVE_DELAY = 300;
// Of a page that never connected. A share that is being started again refuses one or two.
const MAX_FAILED_TRIES = 3;

/**
 * The page that shows the share.
 * @typedef {object} ShareView
 * @property {() => string} buildQuery reports the page's state to the server, in a websocket's URL
 * @property {() => string} getAddress the page's own address, relative to the share's link
 * @property {() => boolean} isExpectingPlot
 * @property {() => void} onOpen
 * @property {() => void} onSilence called before a connection is closed that looks open and is dead
 * @property {(message: PageMessage | PlotMessage | PresenceMessage) => void} onMessage
 */

export class ShareClient {
  #state;
  #customModels;
  #view;
  #connection;
  #hasConnected = false;
  #failedTries = 0;

  /**
   * @param {ShareState} state
   * @param {CustomModels} customModels
   * @param {ShareView} view
   */
  constructor(state, customModels, view) {
    this.#state = state;
    this.#customModels = customModels;
    this.#view = view;
    const buildUrl = () => resolveWebSocketUrl(`ws${view.buildQuery()}`, location);
    this.#connection = new Connection(buildUrl, view.isExpectingPlot, {
      onOpen: () => this.#handleOpen(),
      onFrame: (frame) => this.#handleFrame(frame),
      onClose: (event) => this.#handleClose(event),
      onSilence: view.onSilence,
    });
  }

  get isOpen() {
    return this.#connection.isOpen;
  }

  start() {
    this.#connection.open();
    addEventListener("online", () => this.#handleOnline());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#reconnect(); });
  }

  /** @param {PageRequest} message */
  send(message) {
    this.#connection.send(message);
  }

  #reconnect() {
    if (!this.#state.newUrl && !this.#state.isSentAway) this.#connection.reopen();
  }

  // A websocket from before the browser went offline may seem open and be dead.
  #handleOnline() {
    if (!this.#state.newUrl && this.#connection.isOpen) this.#connection.drop();
    this.#reconnect();
  }

  #handleOpen() {
    this.#hasConnected = true;
    this.#state.handleOpen();
    this.#view.onOpen();
  }

  /** @param {ArrayBuffer} frame */
  #handleFrame(frame) {
    let message;
    try {
      message = decodeMessage(frame);
    } catch (error) {
      console.warn("a message could not be read:", error);
      this.#connection.close();
      return;
    }
    if (message.kind === "heartbeat") return;
    if (message.kind === "busy") {
      this.#state.handleBusy(message.seconds);
    } else if (message.kind === "away") {
      this.#state.handleAway(message.seconds);
    } else if (message.kind === "moved") {
      this.#state.handleMoved(findReachableUrl(message.urls, location));
    } else {
      if (message.kind === "page" && !this.#takePage(message)) return;
      this.#view.onMessage(message);
    }
  }

  /**
   * Returns false if the page reloads instead: the server has another version of it, or another implementation of
   * one of the author's own models than the loaded one.
   * @param {PageMessage} message
   */
  #takePage(message) {
    if (this.#customModels.isReplaced(message)) {
      location.reload();
      return false;
    }
    if (reloadForNewBuild(message, document.documentElement.dataset.pageBuild)) return false;
    this.#customModels.update(message);
    this.#connection.confirm(message.heartbeat);
    return true;
  }

  /**
   * @param {{ code: number, reason: string }} event
   * @returns {number | null} for how many milliseconds to wait, at random half of that, or null if the page moves
   */
  #handleClose(event) {
    const { newUrl } = this.#state;
    if (newUrl) {
      const target = new URL(this.#view.getAddress(), newUrl);
      target.hash = location.hash;
      setTimeout(() => location.replace(target), MOVE_DELAY);
      return null;
    }
    this.#failedTries += 1;
    if (this.#state.handleClose(event, new Date())) this.#checkByHttp();
    if (this.#state.isSentAway) return null;
    return this.#state.isClosed ? MAX_RECONNECT_DELAY : 0;
  }

  // A browser hides from a page why a websocket was refused, so this asks by HTTP.
  async #checkByHttp() {
    try {
      const { status } = await fetch(resolveUrl("login/state", location), { cache: "no-store" });
      if (!this.#connection.isClosed) return;
      const isBlocked = !this.#hasConnected && this.#failedTries >= MAX_FAILED_TRIES;
      if (status === 200) this.#state.handleLocked("This page needs a password");
      else if (status === 204 && isBlocked) this.#state.handleBlocked();
    } catch {
      // the server cannot be reached at the moment
    }
  }
}

/**
 * Reloads the page if its build differs from the server's, at most once for each build.
 * @param {{ build: string | null }} message
 * @param {string | undefined} ownBuild
 * @returns {boolean} true if the page reloads
 */
function reloadForNewBuild({ build }, ownBuild) {
  if (!build || build === ownBuild) return false;
  if (sessionStorage.getItem("pageBuild") === build) return false;
  sessionStorage.setItem("pageBuild", build);
  location.reload();
  return true;
}
