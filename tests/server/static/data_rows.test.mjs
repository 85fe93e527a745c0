import assert from "node:assert/strict";
import test from "node:test";
import { findRows } from "../../../bokeh_share/server/static/data_rows.mjs";

const range = (min, max) => ({ min, max });

/** A document whose views are these. */
const createDocument = (...views) => ({ views_manager: { query: (predicate) => views.filter(predicate) } });

const createTable = (users, { rowCount = 5, indices = [] } = {}) => {
  return { users, rowCount, source: { selected: { indices } } };
};

/** The view of a renderer of points, which passes the rows `drawn`. */
function createRendererView(points, { drawn = points.map((_, row) => row), type = "Scatter", ...others } = {}) {
  const { x = range(0, 10), y = range(0, 10), ...model } = others;
  const index = { indices: ({ x0, x1, y0, y1 }) => drawn.flatMap((row, place) => {
    const [px, py] = points[row];
    return px >= x0 && px <= x1 && py >= y0 && py <= y1 ? [place] : [];
  }) };
  return {
    glyph: { index }, model: { visible: true, coordinates: null, glyph: { type }, view: { indices: drawn }, ...model },
    coordinates: {
      x_source: x, y_source: y, x_scale: { r_invert: () => [2, 3] }, y_scale: { r_invert: () => [0, 10] },
    },
    plot_view: { frame: { bbox: { left: 0, right: 1, top: 0, bottom: 1 } } },
  };
}

const points = [[0, 0], [5, 5], [10, 10], [11, 5], [NaN, 1]];
const find = (choice, table, ...views) => {
  const rows = findRows(createDocument(...views), table, choice);
  return rows && [...rows];
};
const findVisible = (...views) => find("visible", createTable(views.map(({ model }) => model)), ...views);

test("all rows are all rows of the source", () => {
  assert.deepEqual(find("all", createTable([])), [0, 1, 2, 3, 4]);
  assert.deepEqual(find("all", createTable([], { rowCount: 0 })), []);
});

test("selected rows come in the order of the source, once", () => {
  assert.deepEqual(find("selected", createTable([], { indices: [3, 1, 3, 9, -1], rowCount: 5 })), [1, 3]);
  assert.deepEqual(find("selected", createTable([], { indices: [10, 9], rowCount: 11 })), [9, 10]);
});

test("visible rows are those within the ranges, their ends included", () => {
  assert.deepEqual(findVisible(createRendererView(points)), [0, 1, 2]);
  assert.deepEqual(findVisible(createRendererView(points, { x: range(1, 20) })), [1, 2, 3]);
});

test("rows that a filter leaves out, and rows of hidden glyphs, are not visible", () => {
  assert.deepEqual(findVisible(createRendererView(points, { drawn: [1, 3, 2] })), [1, 2]);
  assert.deepEqual(findVisible(createRendererView(points, { visible: false })), []);
});

test("rows are visible if one of several renderers shows them", () => {
  const near = createRendererView(points, { x: range(0, 1) });
  assert.deepEqual(findVisible(near, createRendererView(points, { x: range(11, 12) })), [0, 3]);
});

test("glyphs that reach across the plot are visible by their other dimension", () => {
  const view = createRendererView([[0, 1], [0, 50]], { type: "HSpan", x: range(100, 200) });
  assert.deepEqual(find("visible", createTable([view.model], { rowCount: 2 }), view), [0]);
});

test("glyphs without an index are visible as a whole", () => {
  assert.deepEqual(findVisible(createRendererView(points, { type: "ImageURL", x: range(90, 99) })), [0, 1, 2, 3, 4]);
});

test("coordinates of a plot in a plot count as far as they are on screen", () => {
  const view = createRendererView([[1, 1], [2.5, 1]], { coordinates: {} });
  assert.deepEqual(find("visible", createTable([view.model], { rowCount: 2 }), view), [1]);
});

test("the visible rows of a table are in the order that the viewer chose", () => {
  const table = { model: {}, grid: {}, data: { index: [4, 0, 2] } };
  assert.deepEqual(find("visible", createTable([table.model]), table), [4, 0, 2]);
  const other = { model: {}, grid: {}, data: { index: [1, 0] } };
  assert.deepEqual(find("visible", createTable([table.model, other.model]), table, other), [0, 1, 2, 4]);
});

test("a table beside a figure does not make rows visible that the figure does not show", () => {
  const table = { model: {}, grid: {}, data: { index: [0, 1, 2, 3, 4] } };
  assert.deepEqual(findVisible(createRendererView(points), table), [0, 1, 2]);
});

test("a plot that is not drawn has no visible rows", () => {
  assert.equal(find("visible", createTable([])), null);
  assert.equal(findRows({ views_manager: undefined }, createTable([]), "visible"), null);
});
