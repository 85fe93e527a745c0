import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanName } from "../../../bokeh_share/server/static/point_tool.mjs";
import { readPointedPoints } from "../../../bokeh_share/server/static/pointed_points.mjs";

function createFigure(id, selected, start = 0) {
  const source = { id: `${id} source`, selected: { indices: selected } };
  const range = { start, end: 9 };
  return { id, x_range: range, y_range: range, renderers: [{}, { data_source: source }] };
}

function createBokeh(...figures) {
  const views = figures.map((model) => ({ model, frame: { x_scale: {} } }));
  return { views_manager: { *query(isWanted) { yield* [...views, { model: {} }].filter(isWanted); } } };
}

test("a viewer points at the selected points of the first figure that has some", () => {
  const points = readPointedPoints(createBokeh(createFigure("k1.1.1", []), createFigure("k1.1.2", [3, 1])));
  assert.deepEqual(points, { figure: "k1.1.2", source: "k1.1.2 source", indices: [3, 1], x: [0, 9], y: [0, 9] });
});

test("without a selection a viewer points at what they see", () => {
  const points = readPointedPoints(createBokeh(createFigure("k1.1.1", []), createFigure("k1.1.2", [])));
  assert.deepEqual(points, { figure: "k1.1.1", source: null, indices: [], x: [0, 9], y: [0, 9] });
});

test("a plot without axes, or without an extent, has nothing to point at", () => {
  assert.equal(readPointedPoints(createBokeh()), null);
  assert.equal(readPointedPoints(createBokeh(createFigure("k1.1.1", [1], NaN))), null);
});

test("a message with many points fits the limit of the server", () => {
  const points = readPointedPoints(createBokeh(createFigure("k1.1.1", Array.from({ length: 500 }, () => 2 ** 31 - 1))));
  const message = JSON.stringify({ point: { ...points, x: [-1.2345678901234567e-300, 1], name: "é".repeat(40) } });
  assert(new TextEncoder().encode(message).length < 1024);
});

test("a name loses the characters that the server refuses", () => {
  assert.equal(cleanName("  Ann\u202e\n\u0000 👍 "), "Ann 👍");
  assert.equal(cleanName("x".repeat(99)).length, 40);
});
