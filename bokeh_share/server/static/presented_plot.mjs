// Reads what the author presents of one plot, and shows it in the plot of a viewer who follows.

import { moveRange } from "./models.mjs";
import { formatInterval, parseInterval } from "./view_intervals.mjs";
import { isLegendItemShown, listLegends, listRanges, listTabs, showLegendItem } from "./view_models.mjs";

/** @import { PresentedField } from "./messages.mjs" */

// A field is a letter for the kind of model, and the model's index among those of the plot: `r` for ranges, `t` for
// tabs, `l` for legends, as in a link to a view; and `s` for the selected indices of a data source.
const FIELD = /^([rtls])(\d{1,4})$/;
// As in `wire/presented_view`: a message with more is refused.
const MAX_FIELDS = 200;
const MAX_FIELD_LENGTH = 1000;
const MAX_INDICES = 1000;

/**
 * Returns all that viewers follow of a plot: of ranges, also those that nobody moved, since what they show may depend
 * on the size of the window.
 * @param {BokehJS.Document} bokeh
 * @returns {PresentedField[]}
 */
export function readPresentedFields(bokeh) {
  /** @type {PresentedField[]} */
  const fields = [];
  listRanges(bokeh).forEach(({ range }, index) => {
    const text = formatInterval(range);
    if (text !== null) fields.push([`r${index}`, text]);
  });
  listTabs(bokeh).forEach(({ active }, index) => fields.push([`t${index}`, `${active}`]));
  listLegends(bokeh).forEach((legend, index) => fields.push([`l${index}`, readFlags(legend)]));
  let left = MAX_INDICES;
  listSources(bokeh).forEach(({ selected }, index) => {
    const indices = [...selected.indices].slice(0, left);
    left -= indices.length;
    fields.push([`s${index}`, indices]);
  });
  return fields.filter(([, value]) => value.length <= MAX_FIELD_LENGTH).slice(0, MAX_FIELDS);
}

/**
 * Returns the selected points, which a link to a view does not have.
 * @param {BokehJS.Document} bokeh
 * @returns {PresentedField[]}
 */
export function readSelection(bokeh) {
  return listSources(bokeh).map(({ selected }, index) => [`s${index}`, [...selected.indices]]);
}

/**
 * Shows the author's view. A field that does not fit the plot, such as of a change that has not arrived yet, is left
 * out. Returns true if all fields fit.
 * @param {BokehJS.Document} bokeh
 * @param {PresentedField[]} fields
 */
export function showPresentedFields(bokeh, fields) {
  const models = {
    r: listRanges(bokeh).map(({ range }) => range), t: listTabs(bokeh), l: listLegends(bokeh), s: listSources(bokeh),
  };
  const SHOW = { r: showInterval, t: showTab, l: showFlags, s: showSelection };
  let isComplete = true;
  for (const [field, value] of fields) {
    const [, letter, index] = FIELD.exec(field) ?? [];
    const kind = /** @type {keyof typeof models | undefined} */ (letter);
    const model = kind && models[kind][Number(index)];
    if (!kind || !model || !SHOW[kind](model, value)) isComplete = false;
  }
  return isComplete;
}

/**
 * Returns the data sources whose points can be selected, in an order that depends on the plot alone: that of their
 * ids, which viewers have too.
 * @param {BokehJS.Document} bokeh
 * @returns {BokehJS.Model[]}
 */
function listSources(bokeh) {
  const sources = [...bokeh._all_models.values()].filter((model) => "selected" in model.properties && model.selected);
  return sources.sort((one, other) => one.id < other.id ? -1 : 1);
}

/** @param {BokehJS.Model} legend */
function readFlags(legend) {
  /** @type {BokehJS.Model[]} */
  const items = legend.items;
  return items.map((item) => isLegendItemShown(legend, item) ? "1" : "0").join("");
}

/** @type {(range: BokehJS.Model, value: string | number[]) => boolean} */
function showInterval(range, value) {
  const interval = typeof value === "string" ? parseInterval(value, range) : null;
  if (!interval) return false;
  if (range.start !== interval.start || range.end !== interval.end) moveRange(range, interval, true);
  return true;
}

/** @type {(tabs: BokehJS.Model, value: string | number[]) => boolean} */
function showTab(tabs, value) {
  const active = Number(value);
  if (!tabs.tabs[active]) return false;
  if (tabs.active !== active) tabs.setv({ active });
  return true;
}

/** @type {(legend: BokehJS.Model, value: string | number[]) => boolean} */
function showFlags(legend, value) {
  if (value.length !== legend.items.length) return false;
  legend.items.forEach((/** @type {BokehJS.Model} */ item, /** @type {number} */ index) => {
    showLegendItem(legend, item, value[index] === "1");
  });
  return true;
}

/** @type {(source: BokehJS.Model, value: string | number[]) => boolean} */
function showSelection(source, value) {
  if (typeof value === "string") return false;
  /** @type {number[]} */
  const former = [...source.selected.indices];
  const isSame = former.length === value.length && former.every((each, index) => each === value[index]);
  if (!isSame) source.selected.setv({ indices: [...value] });
  return true;
}
