import assert from "node:assert/strict";
import { test } from "node:test";
import { checkInterval, formatInterval, parseInterval } from "../../../bokeh_share/server/static/view_intervals.mjs";

const NO_LIMITS = { bounds: null, computed_bounds: null, min_interval: null, max_interval: null };

function createRange(start, end, others = {}) {
  return { type: "Range1d", start, end, _reset_start: start, _reset_end: end, ...NO_LIMITS, ...others };
}

function createFactorRange(factors, start = 0, end = factors.length) {
  const synthetic = (factor) => factors.map(String).indexOf(String(factor)) + 0.5;
  return { type: "FactorRange", factors, start, end, synthetic, ...NO_LIMITS };
}

/** The interval that a text gives a range, if it makes sense. */
function open(text, range, isLog = false) {
  const interval = parseInterval(text, range);
  return interval && checkInterval(interval, range, isLog) ? [interval.start, interval.end] : null;
}

test("an interval is read as it was written", () => {
  for (const [start, end] of [[1.25, 3.5], [-1e-7, 1e-7], [1.767e12, 1.768e12], [5, -5]]) {
    const range = createRange(start, end);
    assert.deepEqual(open(formatInterval(range), range), [start, end]);
  }
});

test("an interval that is not finite has no text, and none is read", () => {
  assert.equal(formatInterval(createRange(NaN, 1)), null);
  assert.equal(formatInterval(createRange(0, Infinity)), null);
  const range = createRange(0, 10);
  for (const text of [
    "", "1", "1,2,3", "NaN,1", "1,Infinity", "1e999,2", "null,1", '"1","2"', "[1],[2]", "true,false", "1;2", "1,", "{},{}",
    "constructor,1", '["a",0],["b",0]', "0x1,2", "1,2]//", "__proto__,1",
  ]) assert.equal(open(text, range), null, text);
});

test("an interval makes sense if a viewer could have moved the range there", () => {
  const range = createRange(0, 10);
  for (const text of ["2,3", "-50,60", "9000,9001", "4,4.000001"]) assert(open(text, range), text);
  for (const text of ["3,2", "3,3", "-1e6,1e6", "20000,20001", "5,5.0000000000000009"]) assert(!open(text, range), text);
  assert(open("3,2", createRange(10, 0)), "a range that is reversed for all stays so");
});

test("an interval on a logarithmic axis is positive", () => {
  const range = createRange(1, 1000);
  assert.deepEqual(open("0.1,10", range, true), [0.1, 10]);
  for (const text of ["0,10", "-1,10", "-10,-1"]) assert.equal(open(text, range, true), null);
});

test("the author's limits of a range hold for links", () => {
  const range = createRange(0, 10, { bounds: [0, 10], computed_bounds: [0, 10], min_interval: 2, max_interval: 5 });
  assert(open("0,5", range));
  for (const text of ["-1,3", "8,11", "1,2", "1,8"]) assert.equal(open(text, range), null, text);
});

test("a range without data has no interval that makes sense", () => {
  assert.equal(open("1,2", createRange(NaN, NaN, { type: "DataRange1d" })), null);
});

test("factors are found again when others are added before them", () => {
  const text = formatInterval(createFactorRange(["b", "c", "d"], 0.75, 2.5));
  assert.deepEqual(open(text, createFactorRange(["a", "b", "c", "d"])), [1.75, 3.5]);
});

test("nested factors are known by all of their levels", () => {
  const factors = [["x", "a"], ["x", "b"], ["y", "a"]];
  const text = formatInterval(createFactorRange(factors, 1, 3));
  assert.deepEqual(open(text, createFactorRange(factors)), [1, 3]);
  assert.equal(open(text, createFactorRange([["x", "a"], ["x", "b"]])), null);
});

test("unknown factors, and numbers in their place, make no sense", () => {
  const range = createFactorRange(["a", "b"]);
  for (const text of ["0,1", '["z",0],["b",0]', '["a",0],["b"]', '["a","x"],["b",0]', '"a","b"', '["a",0],["b",9999]',
    '[["a"],0],["b",0]', '["toString",0],["b",0]', '["a",0,0],["b",0,0]']) assert.equal(open(text, range), null, text);
});
