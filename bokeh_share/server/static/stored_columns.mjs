// Changes columns as messages have them, without decoding them.

/** @import { Buffers, JsonValue, PatchEvent } from "./messages.mjs" */

/**
 * @typedef {Map<string, JsonValue>} EncodedColumns by name; each is a list or an `ndarray`
 * @typedef {(view: DataView, offset: number, value: number, isLittleEndian: boolean) => void} NumberWriter
 */

// The numbers of an `ndarray` by its type: the bytes of each, and how one is written.
/** @type {Record<string, [number, NumberWriter]>} */
const NUMBERS = {
  bool: [1, (view, offset, value) => view.setUint8(offset, value)],
  uint8: [1, (view, offset, value) => view.setUint8(offset, value)],
  int8: [1, (view, offset, value) => view.setInt8(offset, value)],
  uint16: [2, (view, offset, value, isLittle) => view.setUint16(offset, value, isLittle)],
  int16: [2, (view, offset, value, isLittle) => view.setInt16(offset, value, isLittle)],
  uint32: [4, (view, offset, value, isLittle) => view.setUint32(offset, value, isLittle)],
  int32: [4, (view, offset, value, isLittle) => view.setInt32(offset, value, isLittle)],
  float32: [4, (view, offset, value, isLittle) => view.setFloat32(offset, value, isLittle)],
  float64: [8, (view, offset, value, isLittle) => view.setFloat64(offset, value, isLittle)],
};

let createdBufferCount = 0;

/**
 * Returns the columns of a source after an event. Neither the columns nor their arrays are changed in place; new
 * arrays are added to `buffers`.
 * @param {JsonValue} data of the source
 * @param {PatchEvent} event
 * @param {Buffers} buffers
 * @returns {JsonValue}
 */
export function changeData(data, event, buffers) {
  return { type: "map", entries: [...changeColumns(new Map(data?.entries ?? []), event, buffers)] };
}

/**
 * @param {EncodedColumns} columns
 * @param {PatchEvent} event
 * @param {Buffers} buffers
 * @returns {EncodedColumns}
 */
function changeColumns(columns, { kind, data, new: value, patches, rollover }, buffers) {
  if (kind === "ColumnDataChanged") return new Map([...columns, ...data.entries ?? []]);
  if (kind === "ColumnsStreamed") {
    for (const [name, rows] of data.entries ?? []) {
      columns.set(name, appendRows(columns.get(name) ?? [], rows, rollover ?? Infinity, buffers));
    }
    return columns;
  }
  if (kind === "ColumnsPatched") {
    for (const [name, rows] of patches.entries ?? []) {
      columns.set(name, replaceRows(columns.get(name), rows, buffers));
    }
    return columns;
  }
  return new Map(value.entries ?? []);
}

/**
 * @param {JsonValue} column
 * @param {JsonValue} rows of the same type
 * @param {number} rollover maximum number of rows; more are dropped at the start
 * @param {Buffers} buffers
 */
function appendRows(column, rows, rollover, buffers) {
  if (Array.isArray(column) && Array.isArray(rows)) return [...column, ...rows].slice(-rollover);
  if (column.dtype !== rows.dtype || column.order !== rows.order) throw new Error("rows of another type came");
  if (Array.isArray(column.array)) return buildArray(column, [...column.array, ...rows.array].slice(-rollover));
  const [size] = findNumberType(column);
  const [former, added] = [findBytes(column, buffers), findBytes(rows, buffers)];
  const start = Math.max(0, (former.length + added.length) / size - rollover) * size;
  const bytes = new Uint8Array(former.length + added.length - start);
  bytes.set(former.subarray(Math.min(start, former.length)));
  bytes.set(added.subarray(Math.max(0, start - former.length)), Math.max(0, former.length - start));
  return buildNumbers(column, bytes, size, buffers);
}

/**
 * @param {JsonValue} column
 * @param {[number, JsonValue][]} rows each with its index and its new value
 * @param {Buffers} buffers
 */
function replaceRows(column, rows, buffers) {
  const list = Array.isArray(column) ? column : column.array;
  if (Array.isArray(list)) {
    const values = [...list];
    for (const [index, value] of rows) values[index] = value;
    return list === column ? values : buildArray(column, values);
  }
  const [size, write] = findNumberType(column);
  const bytes = findBytes(column, buffers).slice();
  const view = new DataView(bytes.buffer);
  for (const [index, value] of rows) write(view, index * size, decodeNumber(value), column.order === "little");
  return buildNumbers(column, bytes, size, buffers);
}

/** @param {JsonValue} column */
function findNumberType({ dtype }) {
  const found = NUMBERS[dtype];
  if (!found) throw new Error(`rows of the type ${dtype} cannot be changed`);
  return found;
}

/**
 * @param {JsonValue} column
 * @param {Buffers} buffers
 */
const findBytes = ({ array }, buffers) => new Uint8Array(/** @type {ArrayBuffer} */ (buffers.get(array.data.id)));

/**
 * @param {JsonValue} column
 * @param {JsonValue[]} array
 */
const buildArray = (column, array) => ({ ...column, array, shape: [array.length] });

/**
 * @param {JsonValue} column
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} size of a row
 * @param {Buffers} buffers
 */
function buildNumbers(column, bytes, size, buffers) {
  const id = `stored.${createdBufferCount += 1}`;
  buffers.set(id, bytes.buffer);
  return { ...column, array: { type: "bytes", data: { id } }, shape: [bytes.length / size] };
}

/**
 * Decodes a number, which JSON has no notation for if it is not finite.
 * @param {JsonValue} value
 * @returns {number}
 */
function decodeNumber(value) {
  if (value?.type !== "number") return value;
  return typeof value.value === "number" ? value.value : Number(value.value.replace("inf", "Infinity"));
}
