import assert from "node:assert/strict";
import { test } from "node:test";
import { openView, readView } from "../../../bokeh_share/server/static/plot_view.mjs";
import { createDocument, createModel } from "./fakes.mjs";

const LIMITS = { bounds: null, computed_bounds: null, min_interval: null, max_interval: null };

function createRange(id, others = {}) {
  const range = createModel(id, "Range1d", { start: 0, end: 10, name: "the author's", ...LIMITS });
  return Object.assign(range, { _reset_start: 0, _reset_end: 10, have_updated_interactively: false, ...others });
}

/** A layout of a figure with a legend and of tabs, whose models have these ids. */
function createPlot(prefix = "") {
  const [x, y, twin] = ["x", "y", "twin"].map((id) => createRange(prefix + id));
  const scale = createModel(`${prefix}scale`, "LinearScale");
  const lines = [0, 1].map((n) => createModel(`${prefix}line${n}`, "GlyphRenderer", { visible: true, muted: false }));
  const items = lines.map((line, n) => createModel(`${prefix}item${n}`, "LegendItem", { renderers: [line] }));
  const legend = createModel(`${prefix}legend`, "Legend", { click_policy: "hide", items });
  const figure = createModel(`${prefix}figure`, "Figure", {
    x_range: x, y_range: y, x_scale: scale, y_scale: scale, toolbar: createModel(`${prefix}bar`, "Toolbar"),
    extra_x_ranges: new Map(), extra_y_ranges: new Map([["twin", twin]]), extra_x_scales: {}, extra_y_scales: {},
    center: [legend], renderers: lines,
  });
  const panels = [false, false, true].map((disabled, n) => createModel(`${prefix}p${n}`, "TabPanel", { disabled }));
  const tabs = createModel(`${prefix}tabs`, "Tabs", { tabs: panels, active: 0 });
  const source = createModel(`${prefix}source`, "ColumnDataSource", { data: { a: [figure] }, name: "n" });
  const root = createModel(`${prefix}root`, "Column", { children: [figure, tabs], tags: [source, { deep: [x] }] });
  const bokeh = { ...createDocument(root), views_manager: { query: () => [] } };
  return { bokeh, x, y, twin, lines, legend, tabs, items };
}

test("a view is opened on another page as it was read", () => {
  const sent = createPlot();
  sent.x.setv({ start: 2, end: 3 });
  sent.x.have_updated_interactively = true;
  sent.twin.setv({ start: 5, end: 6 });
  sent.tabs.setv({ active: 1 });
  sent.lines[1].setv({ visible: false });
  const fields = readView(sent.bokeh);
  assert.deepEqual(fields, [["r0", "2,3"], ["r2", "5,6"], ["t0", "1"], ["l0", "10"]]);
  const opened = createPlot("other ids, ");
  assert(openView(opened.bokeh, fields));
  assert.deepEqual([opened.x.start, opened.x.end, opened.x.have_updated_interactively], [2, 3, true]);
  assert.deepEqual([opened.y.start, opened.y.end, opened.y.have_updated_interactively], [0, 10, false]);
  assert.deepEqual([opened.twin.start, opened.twin.end], [5, 6]);
  assert.equal(opened.tabs.active, 1);
  assert.deepEqual(opened.lines.map(({ visible }) => visible), [true, false]);
  assert.deepEqual([opened.x._reset_start, opened.x._reset_end], [0, 10]);
});

test("muted items are muted again", () => {
  const sent = createPlot();
  sent.legend.setv({ click_policy: "mute" });
  sent.lines[0].setv({ muted: true });
  const opened = createPlot();
  opened.legend.setv({ click_policy: "mute" });
  assert(openView(opened.bokeh, readView(sent.bokeh)));
  assert.deepEqual(opened.lines.map(({ muted, visible }) => [muted, visible]), [[true, true], [false, true]]);
});

test("of a view that does not fit nothing is opened", () => {
  for (const field of [
    ["r0", "3,2"], ["r9", "1,2"], ["r0", "x,y"], ["r", "1,2"], ["r-1", "1,2"], ["r00000", "1,2"], ["t0", "3"], ["t0", "2"],
    ["t0", "-1"], ["t0", "1.5"], ["t0", "length"], ["t0", ""], ["t1", "0"], ["l0", "1"], ["l0", "101"], ["l0", "12"],
    ["l1", "11"], ["name", "x"], ["x0", "1,2"], ["__proto__", "1,2"], ["r0 name", "x"], ["constructor", "1"], ["", ""],
  ]) {
    const { bokeh, x, tabs, lines } = createPlot();
    const others = [["r1", "4,5"], ["t0", "1"], ["l0", "01"]];
    assert(!openView(bokeh, [...others, field]), `${field}`);
    assert.deepEqual([x.start, x.end, tabs.active, lines[0].visible], [0, 10, 0, true]);
  }
});

test("a view changes ranges, the index of tabs and what a legend shows, and nothing else", () => {
  const { bokeh } = createPlot();
  const changed = new Set();
  const seen = new Set();
  const watch = (value) => {
    if (!value || typeof value !== "object" || seen.has(value)) return;
    seen.add(value);
    if ("setv" in value) {
      const { setv } = value;
      value.setv = (values) => { for (const name of Object.keys(values)) changed.add(name); setv(values); };
    }
    for (const each of value instanceof Map ? value.values() : Object.values(value)) watch(each);
  };
  bokeh.roots().forEach(watch);
  assert(openView(bokeh, [["r0", "1,2"], ["r1", "1,2"], ["r2", "1,2"], ["t0", "1"], ["l0", "00"]]));
  assert.deepEqual([...changed].sort(), ["active", "end", "start", "visible"]);
});

test("an item that is shown already is left as it is", () => {
  const { bokeh, lines, items } = createPlot();
  items[0].setv({ renderers: lines });
  lines[1].setv({ visible: false });
  assert(openView(bokeh, [["l0", "10"]]));
  assert.deepEqual(lines.map(({ visible }) => visible), [true, false]);
});
