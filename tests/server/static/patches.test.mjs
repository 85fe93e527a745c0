import assert from "node:assert/strict";
import test from "node:test";
import {
  buildColumnEvents, changesColumns, listPatchedProperties,
} from "../../../bokeh_share/server/static/patches.mjs";
import { createDocument, createModel } from "./fakes.mjs";

test("events that add, patch or replace columns change them", () => {
  const map = { type: "map", entries: [] };
  assert.equal(changesColumns({ kind: "ColumnsStreamed", model: { id: "s" } }), true);
  assert.equal(changesColumns({ kind: "ModelChanged", model: { id: "s" }, attr: "data", new: map }), true);
  assert.equal(changesColumns({ kind: "ModelChanged", model: { id: "s" }, attr: "name", new: map }), false);
});

test("a patch's properties are named with their models", () => {
  const events = [
    { kind: "RootAdded", model: { id: "p" } },
    { kind: "ModelChanged", model: { id: "t" }, attr: "text", new: "x" },
  ];
  assert.deepEqual([...listPatchedProperties({ events })], ["t text"]);
});

test("events set the columns of the wanted sources anew", () => {
  const sources = ["s", "u"].map((id) => createModel(id, "ColumnDataSource", { selected: {} }));
  const bokeh = createDocument(...sources, createModel("p", "Figure"));
  const events = buildColumnEvents(bokeh, ({ id }) => id !== "u");
  assert.deepEqual(events, [{ kind: "ColumnDataChanged", model: { id: "s" } }]);
});
