// Reads and changes models of BokehJS.

/**
 * BokehJS has no public list of all models of a document, drawn or not.
 * @param {BokehJS.Document} bokeh
 * @returns {BokehJS.Model[]}
 */
export const listModels = (bokeh) => [...bokeh._all_models.values()];

/** @param {BokehJS.Model} model */
export const isRange = (model) => "have_updated_interactively" in model;

/** @param {BokehJS.Model} model */
export const isTool = (model) => model.type.endsWith("Tool");

/**
 * Returns true for a figure whose frame has no size of its own, so that it grows with the figure.
 * @param {BokehJS.Model} model
 */
export const isResizable = (model) => "frame_width" in model && (model.frame_width ?? model.frame_height) === null;

/**
 * Returns true for a range that follows its data while there are no data. BokehJS treats a drag there as a zoom.
 * @param {BokehJS.Model} range
 */
export const isEmptyRange = ({ start, end }) => Number.isNaN(start) || Number.isNaN(end);

/**
 * @param {BokehJS.Model} range
 * @param {{ start: unknown, end: unknown }} interval
 * @param {boolean} isMoved by the viewer: BokehJS then leaves the range as it is when data arrive
 */
export function moveRange(range, { start, end }, isMoved) {
  range.setv({ start, end });
  range.have_updated_interactively = isMoved;
}

/**
 * Returns null for a value that contains models or is not plain.
 * @param {unknown} value
 */
export function serializeValue(value) {
  let isPlain = true;
  const text = JSON.stringify(value, (_, each) => {
    if (each instanceof Map || each instanceof Set || (each && typeof each === "object" && "properties" in each)) {
      isPlain = false;
      return null;
    }
    return each;
  });
  return isPlain ? text : null;
}

/**
 * @param {BokehJS.Model} model
 * @param {string} event
 * @returns {BokehJS.Model[]}
 */
export function listEventCallbacks({ js_event_callbacks: callbacks }, event) {
  return (callbacks instanceof Map ? callbacks.get(event) : callbacks[event]) ?? [];
}

/**
 * Returns the value of a property; undefined if the model has no such property, or the property has no value yet.
 * @param {BokehJS.Model} model
 * @param {string} attr
 * @returns {any}
 */
export function readAttribute({ properties }, attr) {
  const property = properties[attr];
  return property && !property.is_unset ? property.get_value() : undefined;
}
