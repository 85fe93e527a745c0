import assert from "node:assert/strict";
import test from "node:test";
import { haveSameColumns, listDataTables } from "../../../bokeh_share/server/static/data_tables.mjs";
import { createArray, createDocument, createModel } from "./fakes.mjs";

let count = 0;
const build = (type, attributes = {}) => createModel(`m${count += 1}`, type, attributes);
const buildSource = (data) => build("ColumnDataSource", { data, selected: build("Selection", { indices: [] }) });
const field = (name) => ({ field: name });

/** A glyph whose attributes that begin with x or y are coordinates. */
function buildGlyph(type, attributes) {
  const glyph = build(type, attributes);
  for (const [attr, property] of Object.entries(glyph.properties)) {
    if (/^[xy]s?\d?$/.test(attr)) property.dimension = attr[0];
  }
  return glyph;
}

const buildRenderer = (source, glyph, others = {}) => {
  return build("GlyphRenderer", { data_source: source, glyph, name: null, ...others });
};
const buildLine = (data, others) => {
  return buildRenderer(buildSource(data), buildGlyph("Line", { x: field("x"), y: field("y") }), others);
};

const buildAxis = (type, attributes = {}) => {
  return build(type, { formatter: build("BasicTickFormatter"), ticker: build("BasicTicker"), ...attributes });
};

function buildFigure(renderers, { below = [], left = [], tools = [], title = null } = {}) {
  const toolbar = build("Toolbar", { tools });
  return build("Figure", { renderers, toolbar, center: [], below, above: [], left, right: [], title });
}

/** The tables of a document with these models, and with the models in them, as BokehJS has them. */
function list(...roots) {
  const found = new Set();
  const visit = (value) => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (value?.expr) visit(value.expr);
    else if (value?.properties && !found.has(value)) {
      found.add(value);
      Object.keys(value.properties).forEach((attr) => visit(value[attr]));
    }
  };
  roots.forEach(visit);
  return listDataTables(createDocument(...found));
}

/** The label of each table, and its columns. */
const describe = (tables) => tables.map(({ label, columns }) => {
  return [label, ...columns.map(({ name, time }) => time ? `${name}: ${time}` : name)];
});

test("the columns are those that glyphs use, in the author's order", () => {
  const source = buildSource({ index: [0], color: ["red"], y: [1], x: [2], unused: [3] });
  const fill_color = { ...field("color"), transform: {} };
  const glyph = buildGlyph("Scatter", { x: field("x"), y: field("y"), fill_color, size: { value: 4 } });
  assert.deepEqual(describe(list(buildFigure([buildRenderer(source, glyph)]))), [["Scatter", "color", "y", "x"]]);
});

test("columns that the source does not have, and sources without columns, are left out", () => {
  assert.deepEqual(describe(list(buildFigure([buildLine({ x: [1] }), buildLine({})]))), [["Line", "x"]]);
});

test("columns in expressions are used", () => {
  const source = buildSource({ a: [1], b: [2], r: [3], c: [4], d: [5] });
  const polar = build("PolarTransform", { radius: field("r"), angle: { value: 0 } });
  const glyph = buildGlyph("VBar", {
    x: { expr: build("XComponent", { transform: polar }) },
    top: { expr: build("Stack", { fields: ["a", "b"] }) },
    bottom: { expr: build("CumSum", { field: "c" }) },
  });
  assert.deepEqual(describe(list(buildFigure([buildRenderer(source, glyph)]))), [["VBar", "a", "b", "r", "c"]]);
});

for (const [what, axis, expected] of [
  ["a datetime axis", () => buildAxis("DatetimeAxis"), "date"],
  ["a formatter of dates", () => buildAxis("LinearAxis", { formatter: build("DatetimeTickFormatter") }), "date"],
  ["a ticker of dates", () => buildAxis("LinearAxis", { ticker: build("DatetimeTicker") }), "date"],
  ["a timedelta axis", () => buildAxis("TimedeltaAxis"), "duration"],
  ["a ticker of durations", () => buildAxis("LinearAxis", { ticker: build("TimedeltaTicker") }), "duration"],
]) {
  test(`${what} tells which columns are times`, () => {
    const source = buildSource({ x: [0], y: [1], x2: [2], width: [3] });
    const glyph = buildGlyph("Quad", { x: field("x"), x2: field("x2"), y: field("y"), width: field("width") });
    const figure = buildFigure([buildRenderer(source, glyph)], { below: [axis()], left: [buildAxis("LinearAxis")] });
    assert.deepEqual(describe(list(figure)), [["Quad", `x: ${expected}`, "y", `x2: ${expected}`, "width"]]);
  });
}

test("a further axis of times counts for the glyphs of its range only", () => {
  const data = { x: [0], y: [1] };
  const left = [buildAxis("LinearAxis"), buildAxis("DatetimeAxis", { y_range_name: "when" })];
  const renderers = [buildLine(data, { name: "one" }), buildLine(data, { name: "two", y_range_name: "when" })];
  const figure = buildFigure(renderers, { left });
  assert.deepEqual(describe(list(figure)), [["one", "x", "y"], ["two", "x", "y: date"]]);
});

test("the columns of tooltips are used, and dates by the formatter", () => {
  const source = buildSource({ x: [0], note: ["a"], date: [0], "more of it": [1], other: [2] });
  const renderer = buildRenderer(source, buildGlyph("Scatter", { x: field("x") }));
  const hover = build("HoverTool", {
    tooltips: [["Note", "@note"], ["When", "@date{%F}"], ["More", "@{more of it}"], ["Gone", "@gone"]],
    formatters: { "@date": "datetime" }, renderers: "auto",
  });
  const [table] = describe(list(buildFigure([renderer], { tools: [hover] })));
  assert.deepEqual(table, ["Scatter", "x", "note", "date: date", "more of it"]);
  const html = build("HoverTool", { tooltips: "<i>@note</i>", formatters: new Map(), renderers: [renderer] });
  assert.deepEqual(describe(list(buildFigure([renderer], { tools: [html] }))), [["Scatter", "x", "note"]]);
  const off = build("HoverTool", { tooltips: null, formatters: {}, renderers: "auto" });
  assert.deepEqual(describe(list(buildFigure([renderer], { tools: [off] }))), [["Scatter", "x"]]);
});

test("a tooltip is about the renderers of its own plot", () => {
  const build = () => buildRenderer(buildSource({ x: [0], note: ["a"] }), buildGlyph("Scatter", { x: field("x") }));
  const hover = createModel("hover", "HoverTool", { tooltips: [["Note", "@note"]], formatters: {}, renderers: "auto" });
  const tables = list(buildFigure([build()], { tools: [hover] }), buildFigure([build()]));
  assert.deepEqual(tables.map(({ columns }) => columns.length), [2, 1]);
});

test("tooltips made of models name columns", () => {
  const source = buildSource({ x: [0], note: ["a"], date: [0] });
  const fields = [{ field: "note" }, { field: "date", formatter: "datetime" }];
  const tooltips = build("Div", { children: fields.map((each) => build("ValueRef", each)) });
  const hover = build("HoverTool", { tooltips, formatters: {}, renderers: "auto" });
  const figure = buildFigure([buildRenderer(source, buildGlyph("Scatter", { x: field("x") }))], { tools: [hover] });
  assert.deepEqual(describe(list(figure)), [["Scatter", "x", "note", "date: date"]]);
});

test("a table uses the columns that it shows", () => {
  const source = buildSource(new Map([["name", ["a"]], ["day", [0]], ["hidden", [1]], ["shade", ["red"]]]));
  const columns = [
    build("TableColumn", { field: "day", formatter: build("DateFormatter") }),
    build("TableColumn", { field: "name", formatter: build("HTMLTemplateFormatter", { template: "<%= shade %>" }) }),
    build("TableColumn", { field: "hidden", visible: false }),
  ];
  assert.deepEqual(describe(list(build("DataTable", { source, columns }))), [["Table", "name", "day: date", "shade"]]);
});

test("annotations, legends and graphs use columns too", () => {
  const source = buildSource({ x: [0], text: ["a"], kind: ["b"] });
  const renderer = buildRenderer(source, buildGlyph("Scatter", { x: field("x") }));
  const legend = build("Legend", { items: [build("LegendItem", { label: field("kind"), renderers: [renderer] })] });
  const labels = build("LabelSet", { source, text: field("text"), x: field("x") });
  const [table] = describe(list(buildFigure([renderer]), legend, labels));
  assert.deepEqual(table, ["Scatter, LabelSet", "x", "text", "kind"]);
  const graph = build("GraphRenderer", {
    node_renderer: buildRenderer(buildSource({ index: [1], other: [2] }), build("Scatter")),
    edge_renderer: buildRenderer(buildSource({ start: [1], end: [2] }), build("MultiLine")),
  });
  assert.deepEqual(describe(list(buildFigure([graph]))), [["Scatter", "index"], ["MultiLine", "start", "end"]]);
});

test("a source that several renderers use is one table", () => {
  const source = buildSource({ x: [0], y: [1] });
  const glyphs = [buildGlyph("Line", { x: field("x") }), buildGlyph("Scatter", { y: field("y") })];
  const renderers = glyphs.map((glyph) => buildRenderer(source, glyph));
  assert.deepEqual(describe(list(buildFigure(renderers))), [["Line, Scatter", "x", "y"]]);
});

test("sources are named by legend, name or glyph, with the title if there are several plots", () => {
  const build = (others) => buildRenderer(buildSource({ x: [0] }), buildGlyph("Line", { x: field("x") }), others);
  const [sales, costs, plain, other] = [build(), build({ name: "costs" }), build(), build()];
  const items = [createModel("i", "LegendItem", { label: { value: "Sales" }, renderers: [sales] })];
  const figure = buildFigure([sales, costs, plain, other], { title: createModel("t", "Title", { text: "Money" }) });
  const legend = createModel("l", "Legend", { items });
  assert.deepEqual(list(figure, legend).map(({ label }) => label), ["Sales", "costs", "Line 1", "Line 2"]);
  const labels = list(figure, legend, buildFigure([build()])).map(({ label }) => label);
  assert.deepEqual(labels, ["Money: Sales", "Money: costs", "Money: Line 1", "Money: Line 2", "Line"]);
});

test("the number of rows is that of the longest column, and of the first dimension", () => {
  const xs = createArray("float64", [1, 2, 3, 4, 5, 6], [2, 3]);
  const source = buildSource({ xs, ys: [[1], [2], [3]], unused: [1, 2, 3, 4] });
  const glyph = buildGlyph("MultiLine", { xs: field("xs"), ys: field("ys") });
  const [table] = list(buildFigure([buildRenderer(source, glyph)]));
  assert.equal(table.rowCount, 3);
  assert.deepEqual(table.columns.map(({ isSequence }) => isSequence), [true, true]);
});

test("sources with the same columns can be in one file", () => {
  const build = (data, axis = "LinearAxis") => {
    return list(buildFigure([buildLine(data)], { below: [buildAxis(axis)] }));
  };
  const [one] = build({ x: [0], y: [1] });
  assert.equal(haveSameColumns([one, build({ x: [5], y: [6] })[0]]), true);
  assert.equal(haveSameColumns([one, build({ x: [5] })[0]]), false);
  assert.equal(haveSameColumns([one, build({ x: [0], y: [1] }, "DatetimeAxis")[0]]), false);
});

test("a property without a value is no reason to fail", () => {
  const glyph = buildGlyph("Line", { x: field("x") });
  glyph.properties.y = { attr: "y", is_unset: true, get_value: () => { throw new Error("unset"); } };
  assert.deepEqual(describe(list(buildFigure([buildRenderer(buildSource({ x: [0] }), glyph)]))), [["Line", "x"]]);
});
