// Reads the columns of data sources, in messages and in BokehJS.

/** @import { JsonValue } from "./messages.mjs" */

/**
 * @typedef {ArrayLike<unknown>} Column
 * @typedef {Map<string, Column>} Columns
 */

/**
 * Returns true for the columns of a data source, as a message has them.
 * @param {string | undefined} attr
 * @param {JsonValue} value
 */
export const isColumns = (attr, value) => attr === "data" && value?.type === "map";

/**
 * Returns true for a `GeoJSONDataSource`: BokehJS derives its columns from its GeoJSON, as an internal property.
 * @param {BokehJS.Model} source
 */
export const isDataDerived = ({ properties: { data } }) => data !== undefined && !data.syncable;

/**
 * @param {Columns | Record<string, Column>} data of a source in BokehJS
 * @returns {[string, Column][]}
 */
export const listColumns = (data) => data instanceof Map ? [...data] : Object.entries(data);

/**
 * Returns the number of rows that a message adds.
 * @param {{ entries: [string, JsonValue][] }} data
 * @returns {number}
 */
export function countRows({ entries }) {
  const column = entries[0]?.[1];
  return Array.isArray(column) ? column.length : column.shape[0];
}
