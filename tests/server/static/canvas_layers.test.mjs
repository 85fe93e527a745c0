import assert from "node:assert/strict";
import test from "node:test";
import { patchCanvasLayers } from "../../../bokeh_share/server/static/canvas_layers.mjs";

/** What a canvas is told while its layer is prepared by this version of BokehJS, patched. */
function prepareLayer(t, version, ctx) {
  const calls = [];
  for (const name of ["save", "restore", "resetTransform", "clearRect"]) {
    ctx[name] = (...args) => calls.push([name, ...args]);
  }
  class CanvasLayer {
    ctx = ctx;
    pixel_ratio = 3;
    prepare() {
      calls.push(["prepare"]);
      return this.ctx;
    }
  }
  globalThis.Bokeh = { version, require: () => ({ CanvasLayer }) };
  t.after(() => { delete globalThis.Bokeh; });
  patchCanvasLayers();
  assert.equal(new CanvasLayer().prepare(), ctx);
  return calls;
}

test("BokehJS 3.9 also clears the first half pixel", (t) => {
  assert.deepEqual(prepareLayer(t, "3.9.2", { canvas: { width: 600, height: 300 } }), [
    ["prepare"], ["save"], ["resetTransform"], ["clearRect", 0, 0, 2, 300], ["clearRect", 0, 0, 600, 2], ["restore"],
  ]);
});

test("an SVG, which is made anew at each paint, stays as it is", (t) => {
  assert.deepEqual(prepareLayer(t, "3.9.2", {}), [["prepare"]]);
});

test("later versions of BokehJS clear all of it themselves", (t) => {
  assert.deepEqual(prepareLayer(t, "3.10.0", { canvas: { width: 600, height: 300 } }), [["prepare"]]);
});
