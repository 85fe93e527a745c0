import assert from "node:assert/strict";
import test from "node:test";
import { computeSize } from "../../../bokeh_share/server/static/placeholder.mjs";

test("a plot of a fixed size has its size", () => {
  assert.deepEqual(computeSize([600, 300]), { width: "600px", height: "0", paddingBottom: "max(0px, 0% + 300px)" });
});

test("a plot as wide as its card may be higher on a wider one", () => {
  assert.deepEqual(computeSize([null, -20, 0.5]), {
    width: "auto", height: "0", paddingBottom: "max(0px, 50% + -20px)",
  });
});

test("a plot that fills the height has the height for plots", () => {
  assert.deepEqual(computeSize([null, 100, 0, 1]), {
    width: "auto", height: "max(var(--fill-height), 100px)", paddingBottom: "0",
  });
});
