import assert from "node:assert/strict";
import { test } from "node:test";
import { readPresentedFields, showPresentedFields } from "../../../bokeh_share/server/static/presented_plot.mjs";
import { createDocument, createModel } from "./fakes.mjs";

function createRange(id, start, end, type = "Range1d", others = {}) {
  return Object.assign(createModel(id, type, { start, end }), { have_updated_interactively: false, ...others });
}

function createPlot({ x = createRange("x", 0, 10), points = [] } = {}) {
  const y = createRange("y", 1e-12, 1e-12 + 1e-13);
  const scale = createModel("scale", "LinearScale");
  const line = createModel("line", "GlyphRenderer", { visible: true, muted: false });
  const item = createModel("item", "LegendItem", { renderers: [line] });
  const legend = createModel("legend", "Legend", { click_policy: "hide", items: [item] });
  const figure = createModel("figure", "Figure", {
    x_range: x, y_range: y, x_scale: scale, y_scale: scale, toolbar: null, center: [legend],
    extra_x_ranges: {}, extra_y_ranges: {}, extra_x_scales: {}, extra_y_scales: {},
  });
  const tabs = createModel("tabs", "Tabs", { tabs: [{}, {}], active: 0 });
  const sources = ["k1.1.9", "k1.1.10"].map((id) => {
    const selected = createModel(`${id} selected`, "Selection", { indices: [...points] });
    return createModel(id, "ColumnDataSource", { selected, data: {} });
  });
  const root = createModel("root", "Column", { children: [figure, tabs] });
  const bokeh = createDocument(root);
  for (const source of sources) bokeh._all_models.set(source.id, source);
  return { bokeh, x, y, tabs, line, sources };
}

test("all of a view is presented exactly, also ranges that nobody moved", () => {
  const author = createPlot({ x: createRange("x", 1 / 3, 2 / 3), points: [3, 1] });
  author.tabs.setv({ active: 1 });
  author.line.setv({ visible: false });
  const fields = JSON.parse(JSON.stringify(readPresentedFields(author.bokeh)));
  const viewer = createPlot();
  assert(showPresentedFields(viewer.bokeh, fields));
  assert.deepEqual([viewer.x.start, viewer.x.end], [1 / 3, 2 / 3]);
  assert.deepEqual([viewer.y.start, viewer.y.end], [1e-12, 1e-12 + 1e-13]);
  assert.deepEqual([viewer.tabs.active, viewer.line.visible], [1, false]);
  assert.deepEqual(viewer.sources.map(({ selected }) => selected.indices), [[3, 1], [3, 1]]);
  assert(viewer.x.have_updated_interactively, "it stays when data arrive");
  assert(!viewer.y.have_updated_interactively, "it is there already");
});

test("a range of factors is where the author's is, also if a factor is missing", () => {
  const factors = (...names) => ({ factors: names, synthetic: (name) => names.indexOf(name) + 0.5 });
  const author = createPlot({ x: createRange("x", 0.5, 2.75, "FactorRange", factors("a", "b", "c")) });
  const fields = readPresentedFields(author.bokeh);
  const viewer = createPlot({ x: createRange("x", 0, 4, "FactorRange", factors("new", "a", "b", "c")) });
  assert(showPresentedFields(viewer.bokeh, fields));
  assert.deepEqual([viewer.x.start, viewer.x.end], [1.5, 3.75]);
  const behind = createPlot({ x: createRange("x", 0, 2, "FactorRange", factors("b")) });
  assert(!showPresentedFields(behind.bokeh, fields), "it is tried again");
  assert.deepEqual([behind.x.start, behind.x.end], [0, 2]);
});

test("a field that does not fit is left out, and the others are shown", () => {
  for (const field of [["r9", "1,2"], ["t0", "7"], ["l0", "111"], ["s0", "1"], ["x0", "1"], ["", ""], ["r0", "a,b"]]) {
    const { bokeh, y } = createPlot();
    assert(!showPresentedFields(bokeh, [field, ["r1", "4,5"]]), `${field}`);
    assert.deepEqual([y.start, y.end], [4, 5]);
  }
});

test("a thousand selected points are presented and no more", () => {
  const { bokeh } = createPlot({ points: Array.from({ length: 800 }, (_, index) => index) });
  const selections = readPresentedFields(bokeh).filter(([field]) => field.startsWith("s")).map(([, value]) => value.length);
  assert.deepEqual(selections, [800, 200]);
});
