import assert from "node:assert/strict";
import test from "node:test";
import { RowIndex } from "../../../bokeh_share/server/static/row_index.mjs";

/** The indices of the rows at `indices` of the columns `before` in the columns `after`. */
function follow(indices, before, after) {
  const former = new RowIndex({ data: before });
  const texts = indices.map((index) => former.serializeRow(index));
  return new RowIndex({ data: after }).findIndices(indices, texts, former.length);
}

test("a row that was moved is found by its values", () => {
  assert.deepEqual(follow([0, 2], { x: [1, 2, 3], y: [4, 5, 6] }, { x: [3, 2, 1], y: [6, 5, 4] }), [2, 0]);
});

test("the order of the columns does not count", () => {
  assert.deepEqual(follow([1], { x: [1, 2], y: [3, 4] }, { y: [3, 4], x: [1, 2] }), [1]);
  assert.deepEqual(follow([1], new Map([["x", [1, 2]]]), { x: [2, 1] }), [0]);
});

test("of equal rows the one at the same index is it", () => {
  assert.deepEqual(follow([1], { x: [7, 7, 7] }, { x: [7, 7, 7] }), [1]);
});

test("a row of which a value stayed keeps its index", () => {
  assert.deepEqual(follow([1], { x: [1, 2], y: [3, 4] }, { x: [1, 2], y: [3, 5] }), [1]);
});

test("a row that is gone is left out", () => {
  assert.deepEqual(follow([0, 1], { x: [1, 2], y: [3, 4] }, { x: [1, 9], y: [3, 9] }), [0]);
  assert.deepEqual(follow([1], { x: [1, 2], y: [3, 4] }, { x: [2], y: [5] }), []);
});

test("typed arrays are columns too", () => {
  assert.deepEqual(follow([2], { x: new Float64Array([1, 2, 3]) }, { x: new Float64Array([3, 1, 2]) }), [0]);
});

test("without columns there are no rows", () => {
  assert.equal(new RowIndex({ data: {} }).length, 0);
});
