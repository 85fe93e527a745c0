// Reads and builds the events of patches.

import { isColumns } from "./columns.mjs";
import { listModels } from "./models.mjs";

/** @import { Patch, PatchEvent } from "./messages.mjs" */

/** @param {PatchEvent} event */
export const changesColumns = ({ kind, attr, new: value }) => kind.startsWith("Column") || isColumns(attr, value);

/**
 * Lists the properties that a patch sets, each as `<model id> <property>`.
 * @param {Patch} patch
 */
export function listPatchedProperties({ events }) {
  return new Set(events.filter(({ attr }) => attr).map(({ model, attr }) => `${model.id} ${attr}`));
}

/**
 * Builds events that would set all columns of these sources again.
 * @param {BokehJS.Document} bokeh
 * @param {(source: BokehJS.Model) => boolean} isWanted
 * @returns {PatchEvent[]}
 */
export const buildColumnEvents = (bokeh, isWanted) => listModels(bokeh)
  .filter((model) => model.selected && isWanted(model))
  .map(({ id }) => ({ kind: "ColumnDataChanged", model: { id } }));
