import assert from "node:assert/strict";
import test from "node:test";
import { countRows, isColumns, isDataDerived, listColumns } from "../../../bokeh_share/server/static/columns.mjs";

test("columns are the data of a source and nothing else", () => {
  assert.equal(isColumns("data", { type: "map", entries: [] }), true);
  assert.equal(isColumns("data", [1]), false);
  assert.equal(isColumns("data", null), false);
  assert.equal(isColumns("other", { type: "map", entries: [] }), false);
});

test("columns are listed whether BokehJS has them as a map or as an object", () => {
  assert.deepEqual(listColumns(new Map([["x", [1]]])), [["x", [1]]]);
  assert.deepEqual(listColumns({ x: [1] }), [["x", [1]]]);
});

test("rows are counted in lists and in arrays", () => {
  assert.equal(countRows({ entries: [["x", [1, 2]]] }), 2);
  assert.equal(countRows({ entries: [["x", { type: "ndarray", shape: [3] }]] }), 3);
});

test("columns that BokehJS derives itself are no property that is sent", () => {
  assert.equal(isDataDerived({ properties: { data: { syncable: false } } }), true);
  assert.equal(isDataDerived({ properties: { data: { syncable: true } } }), false);
  assert.equal(isDataDerived({ properties: {} }), false);
});
