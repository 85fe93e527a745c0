// Finds the viewer's changes of a plot, and applies them to another drawing of the plot.

import { isEmptyRange, isRange, isTool, listModels, moveRange, serializeValue } from "./models.mjs";

/** @typedef {{ start: unknown, end: unknown, isMoved: boolean }} RangeChange */

// The properties that differ from those that the author sent. Changes made by scripts in the plot that the viewer
// triggered are included. A new change by the author takes precedence.
export class ViewerChanges {
  /** @type {Map<string, unknown>} By `<model id> <property>`. */
  #properties = new Map();
  /** @type {Map<string, RangeChange>} */
  #ranges = new Map();
  /** @type {Map<string, unknown>} */
  #tools = new Map();

  /**
   * @param {BokehJS.Document} bokeh
   * @param {BokehJS.Document} pristine the same models without the viewer's changes
   */
  constructor(bokeh, pristine) {
    for (const model of listModels(bokeh)) {
      const former = pristine.get_model_by_id(model.id);
      if (!former) continue;
      if (isRange(model)) this.#readRange(model, former);
      else this.#readProperties(model, former);
    }
  }

  /**
   * @param {BokehJS.Document} bokeh
   * @param {Set<string>} changedProperties those that the author changes now
   * @param {ViewerChanges | null} before has changes that were applied already
   */
  apply(bokeh, changedProperties, before = null) {
    for (const [id, change] of this.#ranges) {
      const applied = before ? before.#ranges.get(id) : null;
      if (applied && applied.start === change.start && applied.end === change.end) continue;
      const range = bokeh.get_model_by_id(id);
      if (!range || [...changedProperties].some((each) => each.startsWith(`${id} `))) continue;
      moveRange(range, change, change.isMoved);
    }
    for (const [key, value] of this.#properties) {
      const applied = before ? before.#properties : null;
      if (applied?.has(key) && serializeValue(applied.get(key)) === serializeValue(value)) continue;
      const [id = "", attr = ""] = key.split(" ");
      const model = bokeh.get_model_by_id(id);
      if (model && !changedProperties.has(key) && attr in model.properties) model.setv({ [attr]: value });
    }
  }

  /**
   * Toolbars choose tools when their views are built.
   * @param {BokehJS.Document} bokeh
   * @param {Set<string>} changedProperties
   */
  applyActiveTools(bokeh, changedProperties) {
    if ([...changedProperties].some((each) => each.includes(" active_"))) return;
    for (const wanted of [true, false]) {
      for (const [id, active] of this.#tools) {
        const tool = bokeh.get_model_by_id(id);
        if (tool && active === wanted && tool.active !== active) tool.active = active;
      }
    }
  }

  /**
   * @param {BokehJS.Model} range
   * @param {BokehJS.Model} former
   */
  #readRange(range, former) {
    if (isEmptyRange(range)) return;
    const { start, end, have_updated_interactively: isMoved } = range;
    const isOther = range.type !== "DataRange1d" && (start !== former.start || end !== former.end);
    if (isMoved || isOther) this.#ranges.set(range.id, { start, end, isMoved });
  }

  /**
   * @param {BokehJS.Model} model
   * @param {BokehJS.Model} former
   */
  #readProperties(model, former) {
    if (isTool(model)) this.#tools.set(model.id, model.active);
    for (const property of model.syncable_properties()) {
      const { attr } = property;
      // a new drawing has nothing to undo
      if (isTool(model) && attr === "disabled") continue;
      const formerProperty = /** @type {BokehJS.Property} */ (former.properties[attr]);
      if (attr === "data" || property.is_unset || formerProperty.is_unset) continue;
      const value = property.get_value();
      const text = serializeValue(value);
      if (text !== null && text !== serializeValue(formerProperty.get_value())) {
        this.#properties.set(`${model.id} ${attr}`, value);
      }
    }
  }
}
