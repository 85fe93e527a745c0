import assert from "node:assert/strict";
import test from "node:test";
import { formatAge, formatDuration, formatTime } from "../../../bokeh_share/server/static/times.mjs";

const NOON = new Date(2026, 10, 29, 12, 0);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test("a time of today is named without its day", () => {
  assert.doesNotMatch(formatTime(new Date(2026, 10, 29, 9, 30), NOON), /29/);
  assert.match(formatTime(new Date(2026, 10, 28, 9, 30), NOON), /28/);
});

test("an age is rounded to minutes or hours", () => {
  const age = (ms) => formatAge(NOON.getTime() - ms, NOON.getTime());
  assert.equal(age(40_000), "just now");
  assert.equal(age(50_000), "1 min ago");
  assert.equal(age(59 * MINUTE), "59 min ago");
  assert.equal(age(60 * MINUTE), "1 h ago");
  assert.equal(age(23 * HOUR), "23 h ago");
  assert.match(age(24 * HOUR), /28/);
});

test("a change by a clock that is ahead was just now", () => {
  assert.equal(formatAge(NOON.getTime() + HOUR, NOON.getTime()), "just now");
});

test("a duration is rounded down", () => {
  assert.equal(formatDuration(59_000), "");
  assert.equal(formatDuration(119_000), "1 min");
  assert.equal(formatDuration(125 * MINUTE), "2 h 5 min");
});
