// Reads which points of a plot a viewer means: numbers only, as the server accepts them.

/**
 * As in `wire/pointing`.
 * @typedef {{ figure: string, source: string | null, indices: number[], x: [number, number], y: [number, number] }} PointedPoints
 */

const MAX_INDICES = 60;

/**
 * Returns the figure with selected points, and these points; else the first figure, and what the viewer sees of it.
 * Returns null if the plot has no figure with an extent.
 * @param {BokehJS.Document} bokeh
 * @returns {PointedPoints | null}
 */
export function readPointedPoints(bokeh) {
  const views = [...bokeh.views_manager.query(({ frame }) => frame?.x_scale)];
  const figures = views.map(({ model }) => model).filter(hasExtent);
  for (const figure of figures) {
    const source = listSources(figure).find(({ selected }) => selected.indices.length > 0);
    if (source) return describe(figure, source);
  }
  return figures[0] ? describe(figures[0], null) : null;
}

/**
 * @param {BokehJS.Model} figure
 * @param {BokehJS.Model | null} source
 * @returns {PointedPoints}
 */
function describe({ id, x_range: x, y_range: y }, source) {
  return {
    figure: id, source: source?.id ?? null, indices: source ? [...source.selected.indices].slice(0, MAX_INDICES) : [],
    x: [x.start, x.end], y: [y.start, y.end],
  };
}

/**
 * @param {BokehJS.Model} figure
 * @returns {BokehJS.Model[]}
 */
function listSources({ renderers }) {
  return renderers.map((/** @type {BokehJS.Model} */ { data_source }) => data_source)
    .filter((/** @type {BokehJS.Model | undefined} */ source) => source?.selected);
}

/** @param {BokehJS.Model} figure */
function hasExtent({ x_range, y_range }) {
  return [x_range.start, x_range.end, y_range.start, y_range.end].every(Number.isFinite);
}
