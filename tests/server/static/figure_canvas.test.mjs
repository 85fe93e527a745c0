import assert from "node:assert/strict";
import test from "node:test";
import { patchElementStyles, readTakenTouches } from "../../../bokeh_share/server/static/figure_canvas.mjs";

class CanvasView {
  stylesheets() { return [`${this.name}'s own`]; }
}
class ToolButtonView {
  stylesheets() { return []; }
}
class ToolbarView {
  stylesheets() { return []; }
}

function createFigure(renderers, attributes = {}) {
  const hitArea = { getBoundingClientRect: () => ({ left: 10, top: 20 }) };
  const ui_event_bus = { hit_test_renderers: (figure, sx, sy) => renderers.filter(({ at }) => `${at}` === `${[sx, sy]}`) };
  const toolbar = { tools: [] };
  const model = { toolbar, subscribed_events: new Set(), js_event_callbacks: {}, ...attributes };
  return { model, canvas_view: { events_el: hitArea, ui_event_bus } };
}

test("canvases, tool buttons and toolbars get the styles once, after their own", (context) => {
  globalThis.Bokeh = { require: () => ({ CanvasView, ToolButtonView, ToolbarView }) };
  context.after(() => { delete globalThis.Bokeh; });
  patchElementStyles();
  patchElementStyles();
  const [own, added, ...others] = Object.assign(new CanvasView(), { name: "canvas" }).stylesheets();
  assert.equal(own, "canvas's own");
  assert.match(added, /\.bk-events \{ touch-action: manipulation !important; \}/);
  assert.deepEqual(others, []);
  assert.match(new ToolButtonView().stylesheets().join(), /^:host \{ touch-action: manipulation !important; \}$/);
  assert.match(new ToolbarView().stylesheets().join(), /^@media print \{ :host \{ visibility: hidden !important; \} \}$/);
});

test("a figure takes the finger that is on a part that can be dragged", () => {
  const figure = createFigure([{ at: [90, 80], on_pan_start() {} }, { at: [5, 5] }]);
  assert.equal(readTakenTouches(figure, { clientX: 100, clientY: 100 }).one, true);
  assert.equal(readTakenTouches(figure, { clientX: 15, clientY: 25 }).one, false);
});

test("callbacks in the browser count as the author's code, as a map and as an object", () => {
  const point = { clientX: 0, clientY: 0 };
  const callbacks = [new Map([["pan", []]]), { pan: [] }];
  for (const js_event_callbacks of callbacks) {
    assert.equal(readTakenTouches(createFigure([], { js_event_callbacks }), point).one, true);
  }
  assert.equal(readTakenTouches(createFigure([], { subscribed_events: new Set(["pinch"]) }), point).two, true);
});
