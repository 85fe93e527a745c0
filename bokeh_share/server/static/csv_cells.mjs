// Formats the cells of a CSV file.

/** @typedef {"day" | "second" | "millisecond" | "microsecond"} TimePrecision */

// Spreadsheets run a cell that begins so as a formula, also with the full-width signs of East Asian keyboards. A cell
// that has the mark before such a sign gets one more, so that a reader can remove exactly one.
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;
const FORMULA_MARK = "'";
const SIGNED_NUMBER = /^[+-](?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$|^$/;

const DAY = 86_400_000;
const MICROSECONDS_PER_DAY = 1000 * DAY;
/** @type {TimePrecision[]} */
const PRECISIONS = ["day", "second", "millisecond", "microsecond"];

/**
 * An empty text is in quotes, since an empty cell is a missing value.
 * @param {string} text
 */
export function formatText(text) {
  const harmless = FORMULA.test(text) && !SIGNED_NUMBER.test(text) ? FORMULA_MARK + text : text;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** @param {number} value */
export function formatNumber(value) {
  if (Number.isFinite(value)) return `${value}`;
  if (Number.isNaN(value)) return "";
  return value > 0 ? "inf" : "-inf";
}

/**
 * Returns the shortest text of a number of 32 bits, as the author sees it: 0.1, not 0.10000000149011612.
 * @param {number} value
 */
export function formatFloat32(value) {
  if (!Number.isFinite(value)) return formatNumber(value);
  for (let digits = 6; digits < 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return `${rounded}`;
  }
  return `${Number(value.toPrecision(9))}`;
}

/**
 * Returns the precision that this time needs, at least the given one. All dates of a column have the same, since
 * programs guess the format of a column from its first cells.
 * @param {unknown} ms since 1970
 * @param {TimePrecision} least
 * @returns {TimePrecision}
 */
export function widenPrecision(ms, least) {
  if (typeof ms !== "number" || !Number.isFinite(ms)) return least;
  const { whole, micros } = splitTime(ms);
  const needed = micros ? 3 : whole % 1000 ? 2 : whole % DAY ? 1 : 0;
  return PRECISIONS[Math.max(needed, PRECISIONS.indexOf(least))] ?? least;
}

/**
 * Formats a date as ISO 8601. It has no time zone, as the author's date and the plot's axis have none.
 * @param {number} ms since 1970
 * @param {TimePrecision} precision
 */
export function formatDate(ms, precision) {
  if (!Number.isFinite(ms)) return "";
  const { whole, micros } = splitTime(ms);
  const date = new Date(whole);
  if (Number.isNaN(date.getTime())) return formatNumber(ms); // beyond the years of JavaScript
  const text = date.toISOString();
  if (precision === "day") return formatText(text.slice(0, -"T00:00:00.000Z".length));
  if (precision === "second") return formatText(text.slice(0, -".000Z".length));
  const more = precision === "microsecond" ? `${micros}`.padStart(3, "0") : "";
  return formatText(text.slice(0, -1) + more);
}

/**
 * Formats a duration as ISO 8601, negative ones as pandas does: less than no days, and the rest of the last one.
 * @param {number} ms
 */
export function formatTimedelta(ms) {
  if (!Number.isFinite(ms)) return "";
  const total = Math.round(ms * 1000);
  const days = Math.floor(total / MICROSECONDS_PER_DAY);
  const rest = total - days * MICROSECONDS_PER_DAY;
  const minutes = Math.floor(rest / 60_000_000);
  const seconds = (rest - minutes * 60_000_000) / 1_000_000;
  return `P${days}DT${Math.floor(minutes / 60)}H${minutes % 60}M${formatSeconds(seconds)}S`;
}

/**
 * Formats a value that BokehJS does not type: of a list, or of an array of objects.
 * @param {unknown} value
 */
export function formatValue(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string") return formatText(value);
  if (typeof value === "boolean" || typeof value === "bigint") return `${value}`;
  return formatText(serialize(value));
}

/**
 * Splits off the microseconds. A number has them to about a quarter of one.
 * @param {number} ms
 */
function splitTime(ms) {
  const whole = Math.floor(ms);
  const micros = Math.round((ms - whole) * 1000);
  return micros === 1000 ? { whole: whole + 1, micros: 0 } : { whole, micros };
}

/** @param {number} seconds */
function formatSeconds(seconds) {
  return seconds.toFixed(6).replace(/\.?0+$/, "");
}

/**
 * Serializes lists, arrays and objects in a cell as JSON, which has no numbers that are not finite.
 * @param {unknown} value
 */
function serialize(value) {
  return JSON.stringify(value, (_, each) => {
    if (isArrayOfNumbers(each)) return nestItems(each);
    if (each instanceof Map) return Object.fromEntries(each);
    return typeof each === "number" && !Number.isFinite(each) ? null : each;
  }) ?? "";
}

/**
 * BokehJS has an array of several dimensions as one flat array with a shape.
 * @typedef {ArrayLike<number> & { shape?: number[] }} ShapedArray
 */

/**
 * @param {unknown} value
 * @returns {value is ShapedArray}
 */
export const isArrayOfNumbers = (value) => ArrayBuffer.isView(value);

/**
 * @param {ShapedArray} array
 * @returns {unknown[]}
 */
function nestItems(array) {
  /** @type {unknown[]} */
  let items = Array.from(array);
  for (const size of array.shape?.slice(1).reverse() ?? []) {
    const flat = items;
    items = Array.from({ length: size ? flat.length / size : 0 }, (_, row) => flat.slice(row * size, (row + 1) * size));
  }
  return items;
}
