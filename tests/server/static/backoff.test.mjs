import assert from "node:assert/strict";
import test from "node:test";
import { Backoff } from "../../../bokeh_share/server/static/backoff.mjs";

test("each delay is twice as long as the one before up to the limit", () => {
  const backoff = new Backoff(1000, 5000, () => 1);
  const delays = Array.from({ length: 5 }, () => {
    const delay = backoff.chooseDelay();
    backoff.increase();
    return delay;
  });
  assert.deepEqual(delays, [1000, 2000, 4000, 5000, 5000]);
});

test("after a success it begins anew", () => {
  const backoff = new Backoff(500, 5000, () => 1);
  backoff.increase();
  backoff.reset();
  assert.equal(backoff.chooseDelay(), 500);
});

test("pages that lose their server together come back one after the other", () => {
  const delays = [0, 0.5, 1].map((random) => new Backoff(1000, 5000, () => random).chooseDelay());
  assert.deepEqual(delays, [500, 750, 1000]);
  assert.equal(new Backoff(1000, 5000, () => 0).chooseDelay(10_000), 5000);
  const backoff = new Backoff(1000, 5000);
  const all = new Set(Array.from({ length: 50 }, () => backoff.chooseDelay()));
  assert.ok(all.size > 40 && [...all].every((delay) => delay >= 500 && delay <= 1000));
});
