// Writes a CSV file in parts, so that the page stays usable, and refuses one that the browser cannot hold.

import { ViewerError } from "./custom_models.mjs";

/**
 * @import { CsvTable } from "./csv_table.mjs"
 * @import { Pacer } from "./pacer.mjs"
 */

// Spreadsheets take a file without it for one in the encoding of the system.
const BYTE_ORDER_MARK = "\uFEFF";
const PART_LENGTH = 1_000_000;
// So much text is written before the browser may need time.
const LENGTH_PER_LOOK = 10_000;
const SAMPLED_ROWS = 500;
const MEGABYTE = 1_000_000;
// Browsers keep a file in memory until it is saved.
const MAX_BYTES_OF_UNKNOWN_MEMORY = 500 * MEGABYTE;
const MAX_BYTES_PER_GIGABYTE = 125 * MEGABYTE;

/**
 * Returns the largest file that this browser can hold.
 * @param {object} navigator which in some browsers knows the memory in gigabytes
 */
export function findMaxBytes(navigator) {
  const { deviceMemory } = /** @type {{ deviceMemory?: number }} */ (navigator);
  return deviceMemory ? deviceMemory * MAX_BYTES_PER_GIGABYTE : MAX_BYTES_OF_UNKNOWN_MEMORY;
}

/**
 * Returns the approximate size of the file.
 * @param {CsvTable} table
 * @param {Pacer} pacer
 */
export async function estimateBytes(table, pacer) {
  const encoder = new TextEncoder();
  let bytes = table.header.length;
  for (const { lines, factor } of table.sampleRows(SAMPLED_ROWS)) {
    bytes += encoder.encode(lines).length * factor;
    await pacer.pause();
  }
  return Math.round(bytes);
}

/**
 * Writes the file. Throws an error for viewers if it is larger than the browser can hold.
 * @param {CsvTable} table
 * @param {number} maxBytes
 * @param {Pacer} pacer
 * @param {(fraction: number) => void} onProgress
 * @returns {Promise<Blob>}
 */
export async function writeCsvFile(table, maxBytes, pacer, onProgress = () => {}) {
  const { rowCount } = table;
  const estimated = await estimateBytes(table, pacer);
  if (estimated > maxBytes) throw new ViewerError(describeTooLarge(rowCount, estimated, maxBytes));
  /** @type {Blob[]} */
  const parts = [];
  let bytes = 0;
  let text = BYTE_ORDER_MARK + table.header;
  const flush = () => {
    const part = new Blob([text]);
    bytes += part.size;
    if (bytes > maxBytes) throw new ViewerError(describeTooLarge(rowCount, Math.max(bytes, estimated), maxBytes));
    parts.push(part);
    text = "";
  };
  let [written, unlooked] = [0, 0];
  for (const { lines, isRowEnd } of table.formatRows()) {
    text += lines;
    unlooked += lines.length;
    if (isRowEnd) written += 1;
    if (text.length >= PART_LENGTH) flush();
    if (unlooked < LENGTH_PER_LOOK) continue;
    unlooked = 0;
    onProgress(written / rowCount);
    await pacer.pause();
  }
  flush();
  const file = new Blob(parts, { type: "text/csv;charset=utf-8" });
  await checkReadable(file);
  return file;
}

/**
 * A browser without room for a file says so only when the file is read.
 * @param {Blob} file
 */
async function checkReadable(file) {
  try {
    await file.slice(-1).arrayBuffer();
  } catch {
    throw new ViewerError("The browser has no room for this file. Close other pages, or select fewer rows.");
  }
}

/**
 * @param {number} rowCount
 * @param {number} bytes
 * @param {number} maxBytes
 */
function describeTooLarge(rowCount, bytes, maxBytes) {
  const rows = `${rowCount.toLocaleString("en")} ${rowCount === 1 ? "row makes" : "rows make"}`;
  return `${rows} a file of ${formatBytes(bytes)}, and this browser can hold ${formatBytes(maxBytes)}. `
    + "Select rows, or zoom in and choose the visible rows.";
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < MEGABYTE) return `${Math.round(bytes / 1000)} kB`;
  return bytes < 1000 * MEGABYTE ? `${Math.round(bytes / MEGABYTE)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
