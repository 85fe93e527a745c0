import assert from "node:assert/strict";
import test from "node:test";
import { SelectedRows } from "../../../bokeh_share/server/static/selected_rows.mjs";
import { createDocument, createModel } from "./fakes.mjs";

const columns = (...entries) => ({ type: "map", entries });

/** A document with a source in which these rows are selected. */
function createSelection(x, indices) {
  const source = createModel("s", "ColumnDataSource", { data: { x } });
  source.selected = { id: "sel", indices };
  return { source, bokeh: createDocument(source) };
}

function stream(added, rollover) {
  return { kind: "ColumnsStreamed", model: { id: "s" }, data: columns(["x", added]), rollover };
}

test("rows that are added leave the selection where it is", () => {
  const { source, bokeh } = createSelection([1, 2, 3], [2]);
  const rows = new SelectedRows(bokeh, [stream([4], null)]);
  source.data = { x: [1, 2, 3, 4] };
  rows.restore(bokeh, new Set());
  assert.deepEqual(source.selected.indices, [2]);
});

test("rows that roll over take the selection with them", () => {
  const { source, bokeh } = createSelection([1, 2, 3], [0, 2]);
  const rows = new SelectedRows(bokeh, [stream([4], 3)]);
  source.data = { x: [2, 3, 4] };
  rows.restore(bokeh, new Set());
  assert.deepEqual(source.selected.indices, [1]);
});

test("rows that roll over several times take the selection with them", () => {
  const { source, bokeh } = createSelection([1, 2, 3], [0, 1, 2]);
  const rows = new SelectedRows(bokeh, [stream([4], 4), stream([5], 4), stream([6], 4)]);
  source.data = { x: [3, 4, 5, 6] };
  rows.restore(bokeh, new Set());
  assert.deepEqual(source.selected.indices, [0]);
});

test("after rows and then other columns the same rows are selected", () => {
  const { source, bokeh } = createSelection([1, 2, 3], [1]);
  const rows = new SelectedRows(bokeh, [
    stream([4], 3), { kind: "ColumnDataChanged", model: { id: "s" } }, stream([9], null),
  ]);
  source.data = { x: [7, 4, 3, 2, 9] };
  rows.restore(bokeh, new Set());
  assert.deepEqual(source.selected.indices, [3]);
});

test("after other columns the same rows are selected", () => {
  const { source, bokeh } = createSelection([1, 2, 3], [0]);
  const rows = new SelectedRows(bokeh, [{ kind: "ColumnDataChanged", model: { id: "s" } }]);
  source.data = { x: [3, 2, 1] };
  rows.restore(bokeh, new Set());
  assert.deepEqual(source.selected.indices, [2]);
});

test("a selection that the author sets is left as it is", () => {
  const { source, bokeh } = createSelection([1, 2, 3], [0]);
  const rows = new SelectedRows(bokeh, [{ kind: "ColumnDataChanged", model: { id: "s" } }]);
  source.data = { x: [3, 2, 1] };
  source.selected.indices = [1];
  rows.restore(bokeh, new Set(["sel indices"]));
  assert.deepEqual(source.selected.indices, [1]);
});

test("cells that are patched move no rows", () => {
  const { source, bokeh } = createSelection([1, 2, 3], [1]);
  const rows = new SelectedRows(bokeh, [{ kind: "ColumnsPatched", model: { id: "s" } }]);
  source.data = { x: [2, 9, 3] };
  rows.restore(bokeh, new Set());
  assert.deepEqual(source.selected.indices, [1]);
});

test("a source that is gone is no trouble", () => {
  const { bokeh } = createSelection([1], [0]);
  const rows = new SelectedRows(bokeh, [{ kind: "ColumnDataChanged", model: { id: "s" } }]);
  rows.restore(createDocument(), new Set());
});
