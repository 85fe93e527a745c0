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
    for (const event of events) {
      const source = bokeh.get_model_by_id(event.model.id);
      /** @type {number[]} */
      const indices = [...source?.selected?.indices ?? []];
      if (!source || indices.length === 0 || event.kind === "ColumnsPatched") continue;
      const rows = new RowIndex(source);
      const { length } = rows;
      if (event.kind === "ColumnsStreamed") {
        const { data, rollover } = event;
        const dropped = rollover == null ? 0 : length + countRows(data) - rollover;
        const remaining = indices.map((index) => index - dropped).filter((index) => index >= 0);
        this.#selections.push({ id: source.id, findIndices: () => remaining });
      } else {
        const texts = indices.map((index) => rows.serializeRow(index));
        this.#selections.push({ id: source.id, findIndices: (now) => now.findIndices(indices, texts, length) });
      }
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
