// Finds how the cells of a data source's column are written in a CSV file.

import {
  formatDate, formatTimedelta, formatFloat32, formatNumber, formatValue, isArrayOfNumbers, widenPrecision,
} from "./csv_cells.mjs";

/**
 * @import { Column } from "./columns.mjs"
 * @import { TimePrecision } from "./csv_cells.mjs"
 * @import { Pacer } from "./pacer.mjs"
 */

/**
 * A column of a data source. `isSequence` is true if each of its cells is a sequence of coordinates.
 * @typedef {{ name: string, time: "date" | "duration" | null, isSequence: boolean, values: Column }} SourceColumn
 *
 * A copy of a column, which stays the same while the plot changes: one value after the other.
 * @typedef {{ values: ArrayLike<any>, dtype: string, shape: number[] }} ColumnCopy
 *
 * The rows that are written, by their indices.
 * @typedef {ArrayLike<number>} Rows
 *
 * How cells are written: `plain` in one column; `factors` with each of their levels in a column; `points` with each
 * point in a line of its own; `images` with each of their rows in a line, and each of their columns in a column.
 * @typedef {{ kind: "plain" | "factors" | "points" | "images", width: number, precision: TimePrecision }} ColumnLayout
 *
 * The same column of several sources, of which each has rows of its own.
 * @typedef {{ column: SourceColumn, copy: ColumnCopy, rows: Rows }} ColumnPart
 */

/** @type {Record<string, new (values: ArrayLike<number>) => ArrayLike<number>>} */
const ARRAY_TYPES = {
  float64: Float64Array, float32: Float32Array, int32: Int32Array, uint32: Uint32Array, int16: Int16Array,
  uint16: Uint16Array, int8: Int8Array, uint8: Uint8Array, bool: Uint8Array,
};
// More rows are looked at before the browser may need time.
const ROWS_PER_LOOK = 256;
const MAX_LEVELS = 3;
// As many columns as a spreadsheet shows.
const MAX_WIDTH = 16_384;

/**
 * BokehJS's own arrays cannot be sliced correctly, so the copy is an array of JavaScript.
 * @param {Column & { shape?: number[] }} values
 * @returns {ColumnCopy}
 */
export function copyColumn(values) {
  const dtype = findDtype(values);
  const shape = [...values.shape ?? [values.length]];
  const ArrayType = ARRAY_TYPES[dtype];
  if (ArrayType) return { values: new ArrayType(/** @type {ArrayLike<number>} */ (values)), dtype, shape };
  return { values: Array.from(values), dtype: "object", shape };
}

/**
 * @param {ColumnPart[]} parts
 * @param {Pacer} pacer
 * @returns {Promise<ColumnLayout>}
 */
export async function findLayout(parts, pacer) {
  const cells = new CellSurvey();
  for (const { column, copy, rows } of parts) {
    const isDate = column.time === "date";
    if (!isDate && copy.dtype !== "object" && copy.shape.length === 1) {
      cells.addPlain(); // numbers, which need no look
      continue;
    }
    const read = createReader(copy);
    for (let index = 0; index < rows.length; index += 1) {
      if (index % ROWS_PER_LOOK === 0) await pacer.pause();
      cells.add(read(rows[index] ?? 0), isDate, column.isSequence);
    }
  }
  return cells.layout;
}

// Collects what the cells of a column contain.
class CellSurvey {
  #hasPlain = false;
  #hasNested = false;
  #hasPoints = false;
  /** @type {Set<number>} The numbers of levels of factors. */
  #levelCounts = new Set();
  /** @type {Set<number>} The widths of images. */
  #widths = new Set();
  /** @type {TimePrecision} */
  #precision = "day";

  addPlain() {
    this.#hasPlain = true;
  }

  /**
   * @param {any} cell
   * @param {boolean} isDate
   * @param {boolean} isSequence
   */
  add(cell, isDate, isSequence) {
    if (cell === null || cell === undefined) return;
    if (!isList(cell)) {
      if (typeof cell === "object") this.#hasNested = true;
      else this.#hasPlain = true;
      if (isDate) this.#precision = widenPrecision(cell, this.#precision);
      return;
    }
    const { length: dimension, [1]: width = 0 } = cell.shape ?? [cell.length];
    const items = Array.isArray(cell) ? cell : [];
    if (dimension === 2) {
      this.#widths.add(width);
      return;
    }
    if (dimension > 2 || items.some((each) => each && typeof each === "object")) {
      this.#hasNested = true;
      return;
    }
    if (isDate) for (const each of Array.from(cell)) this.#precision = widenPrecision(each, this.#precision);
    const areTexts = items.length > 0 && items.every((each) => typeof each === "string");
    if (areTexts && !isSequence) this.#levelCounts.add(items.length);
    else this.#hasPoints = true;
  }

  /** @returns {ColumnLayout} */
  get layout() {
    const precision = this.#precision;
    const [levels, images] = [[...this.#levelCounts], [...this.#widths]];
    if (this.#hasPlain || this.#hasNested) return { kind: "plain", width: 1, precision };
    if (images.length > 0) {
      const isImage = images.length === 1 && Number(images[0]) <= MAX_WIDTH && levels.length === 0 && !this.#hasPoints;
      return isImage ? { kind: "images", width: Number(images[0]), precision } : { kind: "plain", width: 1, precision };
    }
    const [width = 1] = levels;
    const isFactors = !this.#hasPoints && levels.length === 1 && width > 1 && width <= MAX_LEVELS;
    if (isFactors) return { kind: "factors", width, precision };
    return { kind: this.#hasPoints || levels.length > 0 ? "points" : "plain", width: 1, precision };
  }
}

/**
 * Returns a function that reads the cell of a row: a value, or a list.
 * @param {ColumnCopy} copy
 * @returns {(row: number) => any}
 */
export function createReader({ values, shape }) {
  if (shape.length === 1) return (row) => values[row];
  const cellShape = shape.slice(1);
  const size = cellShape.reduce((product, each) => product * each, 1);
  const array = /** @type {unknown[]} */ (values);
  let lastRow = -1;
  /** @type {unknown} */
  let lastCell;
  return (row) => {
    if (row === lastRow) return lastCell;
    lastRow = row;
    lastCell = Object.assign(array.slice(row * size, (row + 1) * size), { shape: cellShape });
    return lastCell;
  };
}

/**
 * Returns a function that writes one value of a column.
 * @param {SourceColumn} column
 * @param {string} dtype
 * @param {TimePrecision} precision
 * @returns {(value: unknown) => string}
 */
export function createFormatter({ time }, dtype, precision) {
  const format = findNumberFormat(time, dtype, precision);
  return (value) => typeof value === "number" ? format(value) : formatValue(value);
}

/**
 * Returns a function that writes one item of a cell. Cells of a list may be arrays of different types.
 * @param {SourceColumn} column
 * @param {string} dtype
 * @param {TimePrecision} precision
 * @returns {(cell: any, index: number) => string}
 */
export function createItemFormatter(column, dtype, precision) {
  /** @type {Map<string, (value: unknown) => string>} */
  const formatters = new Map();
  return (cell, index) => {
    const type = dtype === "object" ? findDtype(cell) : dtype;
    const format = formatters.get(type) ?? createFormatter(column, type, precision);
    formatters.set(type, format);
    return format(cell?.[index]);
  };
}

/** @param {any} values */
function findDtype(values) {
  return values?.dtype ?? Object.keys(ARRAY_TYPES).find((each) => values instanceof (ARRAY_TYPES[each] ?? Map)) ?? "object";
}

/**
 * @param {SourceColumn["time"]} time
 * @param {string} dtype
 * @param {TimePrecision} precision
 * @returns {(value: number) => string}
 */
function findNumberFormat(time, dtype, precision) {
  if (time === "date") return (value) => formatDate(value, precision);
  if (time === "duration") return formatTimedelta;
  if (dtype === "bool") return (value) => `${Boolean(value)}`;
  return dtype === "float32" ? formatFloat32 : formatNumber;
}

/**
 * @param {unknown} cell
 * @returns {cell is ArrayLike<unknown> & { shape?: number[] }}
 */
const isList = (cell) => Array.isArray(cell) || isArrayOfNumbers(cell);
