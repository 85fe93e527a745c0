import assert from "node:assert/strict";
import test from "node:test";
import { Backoff } from "../../../bokeh_share/server/static/backoff.mjs";

test("each delay is twice as long as the one before up to the limit", () => {
  const backoff = new Backoff(1000, 5000);
  const delays = Array.from({ length: 5 }, () => {
    const { delay } = backoff;
    backoff.increase();
    return delay;
  });
  assert.deepEqual(delays, [1000, 2000, 4000, 5000, 5000]);
});

test("after a success it begins anew", () => {
  const backoff = new Backoff(500, 5000);
  backoff.increase();
  backoff.reset();
  assert.equal(backoff.delay, 500);
});
