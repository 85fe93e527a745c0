// Reads and opens the view of a plot: its ranges, tabs and hidden legend items, for a link.

import { moveRange } from "./models.mjs";
import { checkInterval, formatInterval, parseInterval } from "./view_intervals.mjs";
import { isLegendItemShown, listLegends, listRanges, listTabs, showLegendItem } from "./view_models.mjs";

/** @import { ScaledRange } from "./view_models.mjs" */

/**
 * A change that a link makes: of a model's own state, and never of its texts, names or ids.
 * @typedef {() => void} ViewChange
 * @typedef {{ r: ScaledRange[], t: BokehJS.Model[], l: BokehJS.Model[] }} ViewModels by the letters of their fields
 */

// A field of a link is a letter for the kind of model, and the model's index among those of the plot.
const FIELD = /^([rtl])(\d{1,4})$/;
const INDEX = /^\d{1,4}$/;
const FLAGS = /^[01]+$/;

/**
 * Returns the fields of the view that the viewer has now. A range that nobody moved follows the data, also for those
 * who open the link.
 * @param {BokehJS.Document} bokeh
 * @returns {[string, string][]}
 */
export function readView(bokeh) {
  /** @type {[string, string][]} */
  const fields = [];
  listRanges(bokeh).forEach(({ range }, index) => {
    const text = isMoved(range) ? formatInterval(range) : null;
    if (text !== null) fields.push([`r${index}`, text]);
  });
  listTabs(bokeh).forEach(({ active }, index) => fields.push([`t${index}`, `${active}`]));
  listLegends(bokeh).forEach((legend, index) => {
    /** @type {BokehJS.Model[]} */
    const items = legend.items;
    const flags = items.map((item) => isLegendItemShown(legend, item) ? "1" : "0");
    if (flags.length > 0) fields.push([`l${index}`, flags.join("")]);
  });
  return fields;
}

/**
 * Opens a view: all of it, or nothing if a part of it does not fit the plot. Returns false then.
 * @param {BokehJS.Document} bokeh
 * @param {[string, string][]} fields which may come from anyone
 */
export function openView(bokeh, fields) {
  const models = { r: listRanges(bokeh), t: listTabs(bokeh), l: listLegends(bokeh) };
  const changes = fields.map(([field, value]) => planChange(models, field, value));
  if (changes.includes(null)) return false;
  resetRanges(bokeh);
  for (const change of changes) change?.();
  return true;
}

/**
 * Returns null for a field that does not fit.
 * @param {ViewModels} models
 * @param {string} field
 * @param {string} value
 * @returns {ViewChange | null}
 */
function planChange({ r, t, l }, field, value) {
  const [, kind, index] = FIELD.exec(field) ?? [];
  if (kind === "r") return planMove(r[Number(index)], value);
  if (kind === "t") return planTab(t[Number(index)], value);
  return kind === "l" ? planLegend(l[Number(index)], value) : null;
}

/**
 * @param {ScaledRange | undefined} found
 * @param {string} value
 */
function planMove(found, value) {
  const interval = found ? parseInterval(value, found.range) : null;
  if (!found || !interval || !checkInterval(interval, found.range, found.isLog)) return null;
  return () => moveRange(found.range, interval, true);
}

/**
 * @param {BokehJS.Model | undefined} tabs
 * @param {string} value
 */
function planTab(tabs, value) {
  const tab = INDEX.test(value) ? tabs?.tabs[Number(value)] : undefined;
  if (!tabs || !tab || tab.disabled) return null;
  return () => { if (tabs.active !== Number(value)) tabs.setv({ active: Number(value) }); };
}

/**
 * @param {BokehJS.Model | undefined} legend
 * @param {string} value
 */
function planLegend(legend, value) {
  if (!legend || !FLAGS.test(value) || value.length !== legend.items.length) return null;
  return () => legend.items.forEach((/** @type {BokehJS.Model} */ item, /** @type {number} */ index) => {
    showLegendItem(legend, item, value[index] === "1");
  });
}

/**
 * The view may be opened on a page where the viewer has moved other ranges.
 * @param {BokehJS.Document} bokeh
 */
function resetRanges(bokeh) {
  const moved = new Set(listRanges(bokeh).map(({ range }) => range).filter(isMoved));
  for (const view of bokeh.views_manager.query(({ model }) => moved.has(model.x_range) || moved.has(model.y_range))) {
    view.reset_range?.();
  }
}

/**
 * Returns true if the range is not where a reset goes to. The range of a `RangeTool` is moved without a mark.
 * @param {BokehJS.Model} range
 */
function isMoved({ type, have_updated_interactively, start, end, _reset_start, _reset_end }) {
  if (have_updated_interactively) return true;
  return type === "Range1d" && (start !== _reset_start || end !== _reset_end);
}
