import assert from "node:assert/strict";
import test, { afterEach, beforeEach } from "node:test";
import { Connection } from "../../../bokeh_share/server/static/connection.mjs";

const real = { WebSocket: globalThis.WebSocket, setTimeout, setInterval, clearTimeout, performance };
const { random } = Math;
/** The sockets that were made, and the timers that were set and not cleared: each with its delay. */
let sockets, timers, now;

class FakeSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  readyState = FakeSocket.CONNECTING;
  sent = [];

  constructor(url) {
    this.url = String(url);
    sockets.push(this);
  }

  send(text) {
    this.sent.push(text);
  }

  close() {
    this.readyState = FakeSocket.CLOSING;
  }

  accept() {
    this.readyState = FakeSocket.OPEN;
    this.onopen();
  }

  lose(code = 1006, reason = "") {
    this.readyState = 3;
    this.onclose({ code, reason });
  }
}

beforeEach(() => {
  [sockets, timers, now] = [[], [], 0];
  Math.random = () => 1;
  const setTimer = (callback, delay) => {
    timers.push({ callback, delay });
    return timers.at(-1);
  };
  Object.assign(globalThis, { WebSocket: FakeSocket, setTimeout: setTimer, setInterval: setTimer });
  globalThis.clearTimeout = (timer) => { timers = timers.filter((each) => each !== timer); };
  Object.defineProperty(globalThis, "performance", { value: { now: () => now }, configurable: true });
});

afterEach(() => {
  Math.random = random;
  const { performance: value, ...others } = real;
  Object.assign(globalThis, others);
  Object.defineProperty(globalThis, "performance", { value, configurable: true });
});

/** A connection that is open, and what its handlers were told. */
function createConnection({ minDelay = 0, isExpectingPlot = false } = {}) {
  const told = [];
  const connection = new Connection(() => new URL("ws://host/ws"), () => isExpectingPlot, {
    onOpen: () => told.push("open"),
    onFrame: (frame) => told.push(frame),
    onClose: ({ code }) => {
      told.push(code);
      return minDelay;
    },
    onSilence: () => told.push("silence"),
  });
  connection.open();
  sockets[0].accept();
  return { connection, told };
}

const takeLast = () => timers.pop();

test("frames are handed on and messages sent", () => {
  const { connection, told } = createConnection();
  sockets[0].onmessage({ data: "frame" });
  connection.send({ resend: "a" });
  assert.deepEqual(told, ["open", "frame"]);
  assert.deepEqual(sockets[0].sent, ['{"resend":"a"}']);
  assert.equal(connection.isOpen, true);
});

test("a connection that is lost is made again after longer and longer delays", () => {
  const { told } = createConnection();
  const delays = [];
  for (let time = 0; time < 6; time += 1) {
    sockets.at(-1).lose();
    const { callback, delay } = takeLast();
    delays.push(delay);
    callback();
  }
  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.deepEqual(told, ["open", ...Array(6).fill(1006)]);
});

test("after a message of the page the delays begin anew", () => {
  const { connection } = createConnection();
  sockets[0].lose();
  takeLast().callback();
  sockets[1].accept();
  connection.confirm(null);
  sockets[1].lose();
  assert.equal(takeLast().delay, 1000);
});

test("a share that is closed is looked for after the longest delay", () => {
  createConnection({ minDelay: 10_000 });
  sockets[0].lose(4000);
  assert.equal(takeLast().delay, 10_000);
});

test("a page that moves does not connect again", () => {
  createConnection({ minDelay: null });
  const { length } = timers;
  sockets[0].lose(4001);
  assert.equal(timers.length, length);
});

test("whoever comes back to the page does not wait", () => {
  const { connection } = createConnection();
  connection.reopen();
  assert.equal(sockets.length, 1, "it is open");
  sockets[0].lose();
  const waiting = timers.at(-1);
  connection.reopen();
  assert.equal(sockets.length, 2);
  assert.equal(timers.includes(waiting), false);
});

test("a server that does not answer is given up", () => {
  createConnection();
  sockets[0].lose();
  takeLast().callback();
  assert.equal(sockets[1].readyState, FakeSocket.CONNECTING);
  const { callback, delay } = takeLast();
  callback();
  assert.deepEqual([delay, sockets[1].readyState], [10_000, FakeSocket.CLOSING]);
});

test("a connection that is silent for too long is dropped without waiting for the other end", () => {
  const { connection, told } = createConnection();
  const check = timers.find(({ delay }) => delay === 1000).callback;
  connection.confirm(20);
  now = 49_999;
  check();
  assert.deepEqual(told, ["open"]);
  now = 50_000;
  check();
  assert.deepEqual(told, ["open", "silence", 1006]);
  assert.deepEqual([sockets[0].onclose, sockets[0].onmessage], [null, null]);
  takeLast().callback();
  assert.equal(sockets.length, 2);
});

test("while a plot is expected the silence may be longer", () => {
  const { connection, told } = createConnection({ isExpectingPlot: true });
  const check = timers.find(({ delay }) => delay === 1000).callback;
  connection.confirm(20);
  now = 100_000;
  check();
  assert.deepEqual(told, ["open"]);
});
