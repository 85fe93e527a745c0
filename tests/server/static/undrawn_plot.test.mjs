import assert from "node:assert/strict";
import test from "node:test";
import { UndrawnPlot } from "../../../bokeh_share/server/static/undrawn_plot.mjs";
import { buildPlot } from "./fakes.mjs";

const ROWS = 100;

function buildArray(buffers, id, numbers) {
  const bytes = new Float64Array(numbers).buffer;
  buffers.set(id, bytes);
  return { type: "ndarray", array: { type: "bytes", data: { id } }, shape: [numbers.length], dtype: "float64", order: "little" };
}

/** A message with a figure, its title and its data source. */
function buildWhole() {
  const buffers = new Map();
  const data = { type: "map", entries: [["y", buildArray(buffers, "a0", Array(ROWS).fill(0))]] };
  const source = { type: "object", name: "ColumnDataSource", id: "s", attributes: { data } };
  const title = { type: "object", name: "Title", id: "t", attributes: { text: "one" } };
  const model = { type: "object", name: "Figure", id: "f", attributes: { title, renderers: [source] } };
  return buildPlot("a", { parts: ["gl"], defs: [], buffers, patch: { events: [{ kind: "RootAdded", model }] } });
}

function buildChange(generation, events, buffers = new Map(), op = "patch") {
  return buildPlot("a", { generation, base: generation - 1, op, parts: [], defs: [], buffers, patch: { events } });
}

const setText = (text) => ({ kind: "ModelChanged", model: { id: "t" }, attr: "text", new: text });

test("a plot that did not change is drawn as it came", () => {
  const whole = buildWhole();
  const { patch, buffers, base, op, parts } = new UndrawnPlot(whole).buildMessage();
  assert.deepEqual(patch, whole.patch);
  assert.deepEqual([...buffers.keys()], ["a0"]);
  assert.deepEqual([base, op, parts], [null, "replace", ["gl"]]);
});

test("changes are in the plot that is drawn later", () => {
  const plot = new UndrawnPlot(buildWhole());
  const buffers = new Map();
  const rows = { type: "map", entries: [["y", buildArray(buffers, "b0", [7])]] };
  plot.apply(buildChange(2, [
    setText("two"), { kind: "ColumnsStreamed", model: { id: "s" }, attr: "data", data: rows, rollover: ROWS },
  ], buffers));
  const message = plot.buildMessage();
  const { attributes: { title, renderers: [source] } } = message.patch.events[0].model;
  assert.equal(title.attributes.text, "two");
  const [[, column]] = source.attributes.data.entries;
  assert.deepEqual([...new Float64Array(message.buffers.get(column.array.data.id))], [...Array(ROWS - 1).fill(0), 7]);
  assert.deepEqual([message.generation, message.base, message.op], [2, null, "replace"]);
  assert.deepEqual(message.parts, [], "of the newest message");
});

test("a thousand changes take no more memory than one", () => {
  const plot = new UndrawnPlot(buildWhole());
  for (let generation = 2; generation <= 1001; generation += 1) {
    const buffers = new Map();
    const rows = { type: "map", entries: [["y", buildArray(buffers, `b${generation}`, [generation])]] };
    const title = { type: "object", name: "Title", id: `t${generation}`, attributes: { text: `${generation}` } };
    const events = [
      { kind: "ColumnsStreamed", model: { id: "s" }, attr: "data", data: rows, rollover: ROWS },
      { kind: "ModelChanged", model: { id: "f" }, attr: "title", new: title },
    ];
    plot.apply(buildChange(generation, events, buffers, "redraw"));
  }
  const { patch, buffers } = plot.buildMessage();
  assert.deepEqual([...buffers.values()].map(({ byteLength }) => byteLength), [8 * ROWS]);
  assert.equal(patch.events[0].model.attributes.title.attributes.text, "1001");
  assert.equal(JSON.stringify(patch).length < 1000, true);
});

test("a change that fails leaves the plot as it was", () => {
  const plot = new UndrawnPlot(buildWhole());
  const before = plot.buildMessage();
  const unknown = { kind: "ModelChanged", model: { id: "nothing" }, attr: "text", new: "lost" };
  assert.throws(() => plot.apply(buildChange(2, [setText("two"), unknown])));
  assert.deepEqual(plot.buildMessage(), before);
});

test("a plot that could not be drawn is tried again after its next change", () => {
  const plot = new UndrawnPlot(buildWhole());
  plot.hasFailed = true;
  plot.apply(buildChange(2, [setText("two")]));
  assert.equal(plot.hasFailed, false);
});
