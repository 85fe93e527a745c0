// Keeps the selected rows selected, at their new indices after the columns have changed.

import { countRows } from "./columns.mjs";
import { RowIndex } from "./row_index.mjs";

/**
 * @import { PatchEvent } from "./messages.mjs"
 * @typedef {{ id: string, findIndices: (rows: RowIndex) => number[] }} Selection
 */

export class SelectedRows {
  /** @type {Selection[]} */
  #selections = [];

  /**
   * @param {BokehJS.Document} bokeh
   * @param {PatchEvent[]} events that change columns, and are applied after this
   */
  constructor(bokeh, events) {
    const moving = events.filter(({ kind }) => kind !== "ColumnsPatched");
    for (const id of new Set(moving.map(({ model }) => model.id))) {
      const source = bokeh.get_model_by_id(id);
      /** @type {number[]} */
      const indices = [...source?.selected?.indices ?? []];
      if (!source || indices.length === 0) continue;
      const changes = moving.filter(({ model }) => model.id === id);
      this.#selections.push({ id, findIndices: trackRows(new RowIndex(source), indices, changes) });
    }
  }

  /**
   * @param {BokehJS.Document} bokeh
   * @param {Set<string>} changedProperties those that the author changes now
   */
  restore(bokeh, changedProperties) {
    for (const { id, findIndices } of this.#selections) {
      const source = bokeh.get_model_by_id(id);
      if (!source || changedProperties.has(`${source.selected.id} indices`)) continue;
      source.selected.indices = findIndices(new RowIndex(source));
    }
  }
}

/**
 * Returns a function that finds these rows after all changes. Once columns are replaced, rows are found by their
 * values.
 * @param {RowIndex} rows
 * @param {number[]} indices
 * @param {PatchEvent[]} events of one source, in their order
 * @returns {Selection["findIndices"]}
 */
function trackRows(rows, indices, events) {
  if (events.some(({ kind }) => kind !== "ColumnsStreamed")) {
    const texts = indices.map((index) => rows.serializeRow(index));
    return (now) => now.findIndices(indices, texts, rows.length);
  }
  let { length } = rows;
  let dropped = 0;
  for (const { data, rollover } of events) {
    const added = countRows(data);
    const excess = rollover == null ? 0 : Math.max(0, length + added - rollover);
    dropped += excess;
    length += added - excess;
  }
  const remaining = indices.map((index) => index - dropped).filter((index) => index >= 0);
  return () => remaining;
}
