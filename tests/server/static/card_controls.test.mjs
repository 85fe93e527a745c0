import assert from "node:assert/strict";
import { test } from "node:test";
import { moveBefore, moveBy } from "../../../bokeh_share/server/static/card_controls.mjs";

const IDS = ["a", "b", "c", "d"];

test("a plot that is dragged takes the place of the one it is dropped on", () => {
  assert.deepEqual(moveBefore(IDS, "a", "c"), ["b", "c", "a", "d"]);
  assert.deepEqual(moveBefore(IDS, "d", "b"), ["a", "d", "b", "c"]);
  assert.deepEqual(moveBefore(IDS, "a", "d"), ["b", "c", "d", "a"]);
  assert.deepEqual(moveBefore(IDS, "a", "a"), IDS);
  assert.deepEqual(moveBefore(IDS, "of another page", "a"), IDS);
});

test("the arrow keys move a plot by one place, and not beyond the ends", () => {
  assert.deepEqual(moveBy(IDS, "b", 1), ["a", "c", "b", "d"]);
  assert.deepEqual(moveBy(IDS, "b", -1), ["b", "a", "c", "d"]);
  assert.deepEqual(moveBy(IDS, "a", -1), IDS);
  assert.deepEqual(moveBy(IDS, "d", 1), IDS);
});
