import assert from "node:assert/strict";
import { test } from "node:test";
import { PresentedView } from "../../../bokeh_share/server/static/presented_view.mjs";

const whole = (plots, others = {}) => {
  return { kind: "present", presenting: true, whole: true, in_view: [], plots, pointer: null, ...others };
};

test("changes are added to the view until another whole one comes", () => {
  const view = new PresentedView();
  view.apply(whole({ k1: [["r0", "0,1"]], k2: [] }, { in_view: ["k1"] }));
  view.apply(whole({ k1: [["r0", "0,2"]] }, { whole: false, in_view: null, pointer: { plot: "k1" } }));
  assert.deepEqual([...view.plots], [["k1", [["r0", "0,2"]]], ["k2", []]]);
  assert.deepEqual([view.isPresenting, view.inView, view.pointer], [true, ["k1"], { plot: "k1" }]);
  view.apply(whole({ k3: [] }));
  assert.deepEqual([[...view.plots.keys()], view.inView, view.pointer], [["k3"], [], null]);
});

test("its end leaves nothing", () => {
  const view = new PresentedView();
  view.apply(whole({ k1: [] }, { in_view: ["k1"] }));
  view.apply({ kind: "present", presenting: false });
  assert.deepEqual([view.isPresenting, view.plots.size, view.inView], [false, 0, []]);
});
