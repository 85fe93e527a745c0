import assert from "node:assert/strict";
import test from "node:test";
import { ServerClock } from "../../../bokeh_share/server/static/server_clock.mjs";

const HOUR = 3_600_000;

test("the server's time is read although the viewer's clock is ahead", () => {
  const clock = new ServerClock();
  clock.set(10 * HOUR, 12 * HOUR);
  assert.equal(clock.read(12 * HOUR + 5), 10 * HOUR + 5);
});

test("a later message corrects the time", () => {
  const clock = new ServerClock();
  clock.set(10 * HOUR, 12 * HOUR);
  clock.set(11 * HOUR, 11 * HOUR);
  assert.equal(clock.read(HOUR), HOUR);
});

test("without a server the time is the viewer's", () => {
  const clock = new ServerClock();
  clock.set(null, 12 * HOUR);
  assert.equal(clock.read(HOUR), HOUR);
});
