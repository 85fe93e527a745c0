// Lists the models of a plot that have a view, always in the same order, and reads and shows legend items.

/** @typedef {{ range: BokehJS.Model, isLog: boolean }} ScaledRange */

/**
 * The order depends on the plot alone: not on the ids of models, and not on the changes that led to the plot.
 * @param {BokehJS.Document} bokeh
 * @param {(model: BokehJS.Model) => boolean} isWanted
 */
function findModels(bokeh, isWanted) {
  /** @type {Set<BokehJS.Model>} */
  const seen = new Set();
  /** @type {(value: unknown) => void} */
  const visit = (value) => {
    if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return;
    if (isModel(value)) {
      if (seen.has(value)) return;
      seen.add(value);
      for (const property of value.syncable_properties()) {
        // columns are long, and contain no models
        if (property.attr !== "data" && !property.is_unset) visit(property.get_value());
      }
    } else if (Array.isArray(value) || value instanceof Set) {
      for (const each of value) visit(each);
    } else {
      for (const each of value instanceof Map ? value.values() : Object.values(value)) visit(each);
    }
  };
  bokeh.roots().forEach(visit);
  return [...seen].filter(isWanted);
}

/**
 * @param {object} value
 * @returns {value is BokehJS.Model}
 */
const isModel = (value) => "properties" in value && "syncable_properties" in value;

/**
 * Returns the ranges of all figures, each once, with the scale of the figure.
 * @param {BokehJS.Document} bokeh
 * @returns {ScaledRange[]}
 */
export function listRanges(bokeh) {
  /** @type {Map<BokehJS.Model, boolean>} */
  const ranges = new Map();
  for (const figure of findModels(bokeh, ({ properties }) => "x_range" in properties && "toolbar" in properties)) {
    for (const axis of ["x", "y"]) {
      add(figure[`${axis}_range`], figure[`${axis}_scale`]);
      const scales = new Map(listEntries(figure[`extra_${axis}_scales`]));
      for (const [name, range] of listEntries(figure[`extra_${axis}_ranges`])) {
        add(range, scales.get(name) ?? figure[`${axis}_scale`]);
      }
    }
  }
  return [...ranges].map(([range, isLog]) => ({ range, isLog }));

  /**
   * @param {BokehJS.Model} range
   * @param {BokehJS.Model} scale
   */
  function add(range, scale) {
    ranges.set(range, ranges.get(range) || scale.type === "LogScale");
  }
}

/** @param {BokehJS.Document} bokeh */
export const listTabs = (bokeh) => findModels(bokeh, ({ type }) => type === "Tabs");

/**
 * Returns the legends with items that viewers can hide or mute.
 * @param {BokehJS.Document} bokeh
 */
export const listLegends = (bokeh) => {
  return findModels(bokeh, ({ type, click_policy }) => type === "Legend" && ["hide", "mute"].includes(click_policy));
};

/**
 * @param {BokehJS.Model} legend
 * @param {BokehJS.Model} item
 * @returns {boolean}
 */
export function isLegendItemShown({ click_policy }, { renderers }) {
  /** @param {BokehJS.Model} renderer */
  const isShown = ({ visible, muted }) => click_policy === "hide" ? visible : !muted;
  return renderers.some(isShown);
}

/**
 * Does the same as a click on the item, if it is not in this state already.
 * @param {BokehJS.Model} legend
 * @param {BokehJS.Model} item
 * @param {boolean} isShown
 */
export function showLegendItem(legend, item, isShown) {
  if (isLegendItemShown(legend, item) === isShown) return;
  for (const renderer of item.renderers) {
    renderer.setv(legend.click_policy === "hide" ? { visible: isShown } : { muted: !isShown });
  }
}

/**
 * @param {Map<string, BokehJS.Model> | Record<string, BokehJS.Model>} value
 * @returns {[string, BokehJS.Model][]}
 */
const listEntries = (value) => value instanceof Map ? [...value] : Object.entries(value);
