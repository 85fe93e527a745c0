import assert from "node:assert/strict";
import test from "node:test";
import { changeData } from "../../../bokeh_share/server/static/stored_columns.mjs";

const buildData = (columns) => ({ type: "map", entries: Object.entries(columns) });

/** An array as a message has it; its bytes are in `buffers`. */
function buildArray(buffers, id, numbers, dtype = "float64") {
  buffers.set(id, numbers.buffer);
  const array = { type: "bytes", data: { id } };
  return { type: "ndarray", array, shape: [numbers.length], dtype, order: "little" };
}

/** The columns with their numbers, as BokehJS would have them. */
function readColumns(data, buffers, Numbers = Float64Array) {
  return Object.fromEntries(data.entries.map(([name, column]) => {
    if (Array.isArray(column)) return [name, column];
    const values = Array.isArray(column.array) ? column.array : [...new Numbers(buffers.get(column.array.data.id))];
    assert.deepEqual(column.shape, [values.length]);
    return [name, values];
  }));
}

const stream = (data, rollover = null) => ({ kind: "ColumnsStreamed", model: { id: "s" }, data, rollover });
const patch = (patches) => ({ kind: "ColumnsPatched", model: { id: "s" }, patches: buildData(patches) });

test("rows are appended to lists and to arrays", () => {
  const buffers = new Map();
  const data = buildData({ x: [1, 2], y: buildArray(buffers, "y", new Float64Array([3, 4])) });
  const rows = buildData({ x: [5], y: buildArray(buffers, "rows", new Float64Array([6])) });
  const changed = changeData(data, stream(rows), buffers);
  assert.deepEqual(readColumns(changed, buffers), { x: [1, 2, 5], y: [3, 4, 6] });
  assert.deepEqual(readColumns(data, buffers), { x: [1, 2], y: [3, 4] }, "the former columns stay as they were");
});

for (const [rollover, expected] of [[5, [1, 2, 3, 4]], [3, [2, 3, 4]], [2, [3, 4]], [1, [4]]]) {
  test(`of four rows at most ${rollover} stay`, () => {
    const buffers = new Map();
    const build = (id, values) => buildData({ x: values, y: buildArray(buffers, id, new Float64Array(values)) });
    const changed = changeData(build("a", [1, 2]), stream(build("b", [3, 4]), rollover), buffers);
    assert.deepEqual(readColumns(changed, buffers), { x: expected, y: expected });
  });
}

test("arrays of other types and arrays of texts take rows too", () => {
  const buffers = new Map();
  const texts = (...array) => ({ type: "ndarray", array, shape: [array.length], dtype: "object", order: "little" });
  const data = buildData({ n: buildArray(buffers, "n", new Int16Array([-1, 2]), "int16") });
  const rows = buildData({ n: buildArray(buffers, "m", new Int16Array([300]), "int16") });
  const changed = changeData(data, stream(rows, 2), buffers);
  assert.deepEqual(readColumns(changed, buffers, Int16Array), { n: [2, 300] });
  const words = changeData(buildData({ t: texts("a", "b") }), stream(buildData({ t: texts("c") }), 2), buffers);
  assert.deepEqual(readColumns(words, buffers), { t: ["b", "c"] });
});

test("rows come to an empty source", () => {
  const changed = changeData(undefined, stream(buildData({ x: [1] })), new Map());
  assert.deepEqual(readColumns(changed), { x: [1] });
});

test("single values are replaced", () => {
  const buffers = new Map();
  const data = buildData({ x: [1, 2, 3], y: buildArray(buffers, "y", new Float64Array([1, 2, 3])) });
  const changed = changeData(data, patch({
    x: [[1, { type: "number", value: "nan" }]],
    y: [[0, { type: "number", value: "nan" }], [1, { type: "number", value: "-inf" }], [2, 9.5]],
  }), buffers);
  assert.deepEqual(readColumns(changed, buffers), {
    x: [1, { type: "number", value: "nan" }, 3], y: [NaN, -Infinity, 9.5],
  });
  assert.deepEqual(readColumns(data, buffers).y, [1, 2, 3], "the former array stays as it was");
});

test("single values of other types are replaced", () => {
  const buffers = new Map();
  const types = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array, bool: Uint8Array };
  for (const [dtype, Numbers] of Object.entries(types)) {
    const data = buildData({ n: buildArray(buffers, dtype, new Numbers([1, 0, 1]), dtype) });
    const changed = changeData(data, patch({ n: [[1, dtype === "bool" ? true : 7]] }), buffers);
    assert.deepEqual(readColumns(changed, buffers, Numbers), { n: [1, dtype === "bool" ? 1 : 7, 1] });
  }
});

test("some columns or all of them are replaced", () => {
  const data = buildData({ x: [1], y: [2] });
  const event = { kind: "ColumnDataChanged", model: { id: "s" }, data: buildData({ y: [3], z: [4] }), cols: ["y", "z"] };
  assert.deepEqual(readColumns(changeData(data, event, new Map())), { x: [1], y: [3], z: [4] });
  const whole = { kind: "ModelChanged", model: { id: "s" }, attr: "data", new: buildData({ z: [5] }) };
  assert.deepEqual(readColumns(changeData(data, whole, new Map())), { z: [5] });
  assert.deepEqual(readColumns(changeData(data, { ...whole, new: { type: "map" } }, new Map())), {});
});

test("rows of another type are an error", () => {
  const buffers = new Map();
  const data = buildData({ x: buildArray(buffers, "x", new Float64Array([1])) });
  const rows = buildData({ x: buildArray(buffers, "y", new Float32Array([1]), "float32") });
  assert.throws(() => changeData(data, stream(rows), buffers), /another type/);
});
