import assert from "node:assert/strict";
import test from "node:test";
import { choosePlotSize, computeScale } from "../../../bokeh_share/server/static/plot_size.mjs";

const HD = { width: 1920, height: 1080 };
const UHD = { width: 3840, height: 2160 };
const WIDE = [600, 400];
const STRETCHED = [null, 300, 0, 0];

test("a plot of a fixed width keeps its own layout", () => {
  assert.equal(choosePlotSize(WIDE, UHD, 2).width, null);
});

test("a stretched plot has the width at which it fills the area, within limits", () => {
  const area = { width: 1800, height: 1200 };
  assert.equal(choosePlotSize([null, 500, 0, 0], area, 1).width, 750);
  assert.equal(choosePlotSize([null, 400, 0.2, 0], area, 1).width, 400 / (1200 / 1800 - 0.2));
  assert.equal(choosePlotSize(STRETCHED, area, 1).width, 560, "no narrower");
  assert.equal(choosePlotSize([null, 2000, 0, 0], area, 1).width, 1800, "no smaller than can be read");
  assert.equal(choosePlotSize([null, 0, 0.5, 0], area, 1).width, 1440);
  assert.equal(choosePlotSize([null, 0, 2, 0], area, 1).width, 480);
});

test("a plot that fills the height gets the height of the area at a scale that can be read well", () => {
  const { width, fillHeight } = choosePlotSize([null, 0, 0, 1], UHD, 2);
  assert.deepEqual([width, fillHeight], [3840 / 2.5, 2160 / 2.5]);
});

test("a plot is magnified until it reaches two edges of the area", () => {
  assert.equal(computeScale([600, 400], HD, 1), 1080 / 400);
  assert.equal(computeScale([2400, 400], HD, 1), 0.8);
  assert.equal(computeScale([null, 500, 0, 0], { width: 1800, height: 1200 }, 1), 1200 / 500);
});
