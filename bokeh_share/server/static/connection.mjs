// Keeps a websocket to the share open: reconnects when it is lost or silent, and sends the page's requests.

import { Backoff } from "./backoff.mjs";
import { Heartbeat } from "./heartbeat.mjs";

/**
 * @import { AuthorRequest, DrawFailure, PointRequest, ResendRequest } from "./messages.mjs"
 * @typedef {ResendRequest | DrawFailure | AuthorRequest | PointRequest} PageRequest
 */

const MIN_RECONNECT_DELAY = 1000;
export const MAX_RECONNECT_DELAY = 10_000;
const CONNECT_TIMEOUT = 10_000;
const HEARTBEAT_CHECK_INTERVAL = 1000;

/**
 * @typedef {object} ConnectionHandlers
 * @property {() => void} onOpen
 * @property {(frame: ArrayBuffer) => void} onFrame
 * @property {(event: { code: number, reason: string }) => number | null} onClose returns for how many
 *   milliseconds to wait before connecting again, at random half of that, or null if the page moves elsewhere
 * @property {() => void} onSilence called before a connection is closed that looks open and is dead
 */

export class Connection {
  #buildUrl;
  #handlers;
  #isExpectingPlot;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #reconnectTimer;
  #backoff = new Backoff(MIN_RECONNECT_DELAY, MAX_RECONNECT_DELAY);
  #heartbeat = new Heartbeat(performance.now());

  /**
   * @param {() => URL} buildUrl called for each connection
   * @param {() => boolean} isExpectingPlot
   * @param {ConnectionHandlers} handlers
   */
  constructor(buildUrl, isExpectingPlot, handlers) {
    this.#buildUrl = buildUrl;
    this.#isExpectingPlot = isExpectingPlot;
    this.#handlers = handlers;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  get isClosed() {
    return this.#socket !== null && this.#socket.readyState >= WebSocket.CLOSING;
  }

  open() {
    this.#connect();
    setInterval(() => this.#checkHeartbeat(), HEARTBEAT_CHECK_INTERVAL);
  }

  // Connects now if the page waits before it connects again.
  reopen() {
    if (this.isClosed) this.#connect();
  }

  /** @param {PageRequest} message */
  send(message) {
    this.#socket?.send(JSON.stringify(message));
  }

  // Closes the connection; the page then reconnects.
  close() {
    this.#socket?.close();
  }

  // Does not wait for the closing handshake, since the other end may be gone.
  drop() {
    const socket = this.#socket;
    if (!socket) return;
    this.#handlers.onSilence();
    socket.onclose = null;
    socket.onmessage = null;
    socket.close();
    this.#handleClose({ code: 1006, reason: "" });
  }

  /**
   * Confirms the connection: the server has sent its first message. It sends a heartbeat after this many seconds of
   * silence.
   * @param {number | null} heartbeatInterval
   */
  confirm(heartbeatInterval) {
    this.#backoff.reset();
    this.#heartbeat.setInterval(heartbeatInterval);
  }

  #connect() {
    clearTimeout(this.#reconnectTimer);
    const socket = this.#socket = new WebSocket(this.#buildUrl());
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#handlers.onOpen();
    socket.onmessage = ({ data }) => {
      this.#heartbeat.recordMessage(performance.now());
      this.#handlers.onFrame(data);
    };
    socket.onclose = (event) => this.#handleClose(event);
    setTimeout(() => { if (socket.readyState === WebSocket.CONNECTING) socket.close(); }, CONNECT_TIMEOUT);
  }

  /** @param {{ code: number, reason: string }} event */
  #handleClose(event) {
    const minDelay = this.#handlers.onClose(event);
    if (minDelay === null) return;
    this.#reconnectTimer = setTimeout(() => this.#connect(), this.#backoff.chooseDelay(minDelay));
    this.#backoff.increase();
  }

  #checkHeartbeat() {
    const isOverdue = this.#heartbeat.isOverdue(performance.now(), this.#isExpectingPlot());
    if (this.isOpen && isOverdue) this.drop();
  }
}
