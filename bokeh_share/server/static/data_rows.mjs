// Finds the rows of a data source that are selected, and those that the viewer sees.

// Glyphs whose places BokehJS does not index.
const UNINDEXED_TYPES = ["ImageURL"];
const ENDLESS = Number.MAX_VALUE;
/** @type {Record<string, Record<string, number>>} Glyphs that reach across the plot have no place in one dimension. */
const UNUSED_BOUNDS = {
  HSpan: { x0: -ENDLESS, x1: ENDLESS },
  HStrip: { x0: -ENDLESS, x1: ENDLESS },
  VSpan: { y0: -ENDLESS, y1: ENDLESS },
  VStrip: { y0: -ENDLESS, y1: ENDLESS },
};

/**
 * @import { Rows } from "./csv_columns.mjs"
 * @import { DataTable } from "./data_tables.mjs"
 * @typedef {"all" | "selected" | "visible"} RowChoice
 */

/**
 * Returns the indices of the chosen rows; null if the choice does not apply to this table.
 * @param {BokehJS.Document} bokeh
 * @param {DataTable} table
 * @param {RowChoice} choice
 * @returns {Rows | null}
 */
export function findRows(bokeh, table, choice) {
  if (choice === "all") return listMarked(new Uint8Array(table.rowCount).fill(1));
  return choice === "selected" ? findSelectedRows(table) : findVisibleRows(bokeh, table);
}

/** @param {DataTable} table */
function findSelectedRows({ source, rowCount }) {
  /** @type {number[]} */
  const indices = source.selected.indices;
  return Uint32Array.from(new Set(indices.filter((row) => row >= 0 && row < rowCount))).sort();
}

/**
 * A row is visible if a figure shows it within its ranges, filters of the author's included. Where only tables show
 * the source, these are the rows that pass the filters, in the order that the viewer chose.
 * @param {BokehJS.Document} bokeh
 * @param {DataTable} table
 */
function findVisibleRows(bokeh, { users, rowCount }) {
  const views = [...bokeh.views_manager?.query(({ model }) => users.includes(model)) ?? []];
  const glyphViews = views.filter(({ glyph }) => glyph);
  if (glyphViews.length > 0) return mergeRows(rowCount, glyphViews.flatMap(listVisibleRows));
  const [grid, ...others] = views.filter((view) => view.grid);
  if (!grid) return null;
  return others.length > 0 ? mergeRows(rowCount, [grid, ...others].map(readGridRows)) : readGridRows(grid);
}

/**
 * @param {BokehJS.View} view of a table
 * @returns {Rows}
 */
const readGridRows = ({ data }) => Uint32Array.from(data.index);

/**
 * @param {BokehJS.View} view of a renderer
 * @returns {Rows[]}
 */
function listVisibleRows(view) {
  const { glyph, model } = view;
  if (!model.visible) return [];
  // the rows that pass the filters, which are the only ones that the glyph has
  const drawn = Uint32Array.from(model.view.indices);
  const { type } = model.glyph;
  if (UNINDEXED_TYPES.includes(type)) return [drawn];
  const bounds = { ...findBounds(view), ...UNUSED_BOUNDS[type] };
  return [Uint32Array.from(glyph.index.indices(bounds), (/** @type {number} */ index) => drawn[index] ?? 0)];
}

/**
 * Returns the part of the plane that is on screen. Coordinates of its own do not tell how far the viewer zoomed in.
 * @param {BokehJS.View} view of a renderer
 */
function findBounds({ model, coordinates, plot_view: { frame } }) {
  const { x_source, y_source, x_scale, y_scale } = coordinates;
  if (!model.coordinates) return { x0: x_source.min, x1: x_source.max, y0: y_source.min, y1: y_source.max };
  const { left, right, top, bottom } = frame.bbox;
  const [x0, x1, y0, y1] = [...x_scale.r_invert(left, right), ...y_scale.r_invert(top, bottom)];
  return { x0, x1, y0, y1 };
}

/**
 * @param {number} rowCount
 * @param {Rows[]} lists
 */
function mergeRows(rowCount, lists) {
  const marks = new Uint8Array(rowCount);
  for (const rows of lists) for (let index = 0; index < rows.length; index += 1) marks[rows[index] ?? 0] = 1;
  return listMarked(marks);
}

/** @param {Uint8Array} marks 1 for each row that is wanted */
function listMarked(marks) {
  const rows = new Uint32Array(marks.reduce((sum, mark) => sum + mark, 0));
  let count = 0;
  for (let row = 0; row < marks.length; row += 1) if (marks[row]) rows[count++] = row;
  return rows;
}
