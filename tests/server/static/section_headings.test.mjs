import assert from "node:assert/strict";
import test from "node:test";
import { listNewHeadings } from "../../../bokeh_share/server/static/section_headings.mjs";

test("a plot has the headings above it that the plot before does not have", () => {
  const [one, two, other] = [[1, "One"], [2, "Two"], [1, "Other"]];
  assert.deepEqual(listNewHeadings([], []), []);
  assert.deepEqual(listNewHeadings([], [one, two]), [one, two]);
  assert.deepEqual(listNewHeadings([one], [one, two]), [two]);
  assert.deepEqual(listNewHeadings([one, two], [one, two]), []);
  assert.deepEqual(listNewHeadings([one, two], [one]), []);
  assert.deepEqual(listNewHeadings([one, two], [other, two]), [other, two]);
  assert.deepEqual(listNewHeadings([one, two], [[1, "One"], [3, "Two"]]), [[3, "Two"]]);
});
