// Finds the rows of a data source by their values.

import { listColumns } from "./columns.mjs";

/** @import { Column, Columns } from "./columns.mjs" */

export class RowIndex {
  /** @type {Column[]} */
  #columns;

  /** @param {{ data: Columns | Record<string, Column> }} source */
  constructor({ data }) {
    this.#columns = listColumns(data).sort(([one], [other]) => one < other ? -1 : 1).map(([, column]) => column);
    this.length = this.#columns[0]?.length ?? 0;
  }

  /** @param {number} index */
  serializeRow(index) {
    return JSON.stringify(this.#columns.map((column) => column[index]));
  }

  /**
   * Finds these rows by their values. A row that is not found keeps its index if some of its values are still
   * there, and else is left out.
   * @param {number[]} indices at which they were
   * @param {string[]} texts of the rows, as `serializeRow` makes them
   * @param {number} length former number of rows
   */
  findIndices(indices, texts, length) {
    const rowIndices = this.#indexRows(texts);
    const isLengthKept = this.length === length;
    return indices.map((index, nth) => {
      const text = texts[nth] ?? "[]";
      const found = rowIndices.get(text) ?? [];
      if (found.includes(index)) return index;
      return found[0] ?? (isLengthKept && this.#hasValueOf(text, index) ? index : null);
    }).filter((index) => index !== null);
  }

  /**
   * Returns the indices of each of these rows. Most rows are skipped by the value in their first column.
   * @param {string[]} texts
   * @returns {Map<string, number[]>}
   */
  #indexRows(texts) {
    const firstValues = new Set(texts.map((text) => JSON.stringify(JSON.parse(text)[0])));
    const rowIndices = new Map();
    for (let index = 0; index < this.length; index++) {
      if (!firstValues.has(JSON.stringify(this.#columns[0]?.[index]))) continue;
      const text = this.serializeRow(index);
      rowIndices.set(text, [...rowIndices.get(text) ?? [], index]);
    }
    return rowIndices;
  }

  /**
   * @param {string} text of a row
   * @param {number} index
   */
  #hasValueOf(text, index) {
    const former = JSON.parse(text);
    /** @type {unknown[]} */
    const now = JSON.parse(this.serializeRow(index));
    return now.some((value, column) => JSON.stringify(value) === JSON.stringify(former[column]));
  }
}
