import assert from "node:assert/strict";
import test from "node:test";
import { ViewerChanges } from "../../../bokeh_share/server/static/viewer_changes.mjs";
import { createDocument, createModel } from "./fakes.mjs";

const createRange = (start, end, isMoved = false, type = "DataRange1d") => {
  return createModel("r", type, { start, end, have_updated_interactively: isMoved });
};

/** Applies to `target` what differs between `now` and `formerly`. */
function carryOver(now, formerly, target, changedProperties = []) {
  const changes = new ViewerChanges(createDocument(now), createDocument(formerly));
  changes.apply(createDocument(target), new Set(changedProperties));
  return target;
}

test("a property that the viewer changed is carried over", () => {
  const [now, formerly, target] = [2, 1, 1].map((active) => createModel("m", "Tabs", { active, name: "x" }));
  assert.equal(carryOver(now, formerly, target).active, 2);
});

test("a property that the author changes now is the author's", () => {
  const [now, formerly, target] = [2, 1, 3].map((active) => createModel("m", "Tabs", { active }));
  assert.equal(carryOver(now, formerly, target, ["m active"]).active, 3);
});

test("columns and values that contain models are not carried over", () => {
  const create = (data, items) => createModel("m", "Source", { data, items });
  const other = createModel("n", "Item");
  const target = carryOver(create({ x: [1] }, [other]), create({ x: [2] }, []), create({ x: [3] }, []));
  assert.deepEqual([target.data, target.items], [{ x: [3] }, []]);
});

test("a range that was moved stays moved", () => {
  const range = carryOver(createRange(2, 3, true), createRange(0, 9), createRange(0, 9));
  assert.deepEqual([range.start, range.end, range.have_updated_interactively], [2, 3, true]);
});

test("a range that follows its data is not carried over", () => {
  const range = carryOver(createRange(2, 3), createRange(0, 9), createRange(0, 5));
  assert.deepEqual([range.start, range.end], [0, 5]);
});

test("a range with ends of its own is carried over where they differ", () => {
  const [now, formerly, target] = [2, 0, 0].map((start) => createRange(start, 9, false, "Range1d"));
  assert.equal(carryOver(now, formerly, target).start, 2);
});

test("an empty range is not carried over", () => {
  const range = carryOver(createRange(NaN, NaN, true), createRange(0, 9), createRange(0, 9));
  assert.equal(range.start, 0);
});

test("a range that the author sets now is the author's", () => {
  const range = carryOver(createRange(2, 3, true), createRange(0, 9), createRange(5, 6), ["r start"]);
  assert.deepEqual([range.start, range.end], [5, 6]);
});

test("what was applied before is not applied again", () => {
  const create = (active) => createDocument(createModel("m", "Tabs", { active }));
  const before = new ViewerChanges(create(2), create(1));
  const target = create(7);
  new ViewerChanges(create(2), create(1)).apply(target, new Set(), before);
  assert.equal(target.get_model_by_id("m").active, 7);
  new ViewerChanges(create(3), create(1)).apply(target, new Set(), before);
  assert.equal(target.get_model_by_id("m").active, 3);
});

test("a tool that can be undone in the former drawing cannot in the new one", () => {
  const [now, formerly, target] = [false, true, true].map((disabled) => createModel("u", "UndoTool", { disabled }));
  assert.equal(carryOver(now, formerly, target).disabled, true);
});

test("active tools are carried over unless the author chooses tools", () => {
  const create = (active) => createDocument(createModel("t", "PanTool", { active }));
  const changes = new ViewerChanges(create(true), create(false));
  const target = create(false);
  changes.applyActiveTools(target, new Set(["bar active_drag"]));
  assert.equal(target.get_model_by_id("t").active, false);
  changes.applyActiveTools(target, new Set());
  assert.equal(target.get_model_by_id("t").active, true);
});
