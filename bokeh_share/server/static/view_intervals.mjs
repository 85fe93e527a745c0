// Writes the interval that a range shows into a link, and checks the interval that a link has.

/** @typedef {{ start: number, end: number }} Interval */

// A view may show this many times what the plot shows to all, and be this many times its size away. BokehJS would
// request a tile of a map for each of them.
const MAX_EXTENT = 1000;
// So much of its size is left of a number when two of them are subtracted.
const MIN_RELATIVE_SPAN = 1e-13;

/**
 * Returns null if the range has no interval that a link can have. The bounds in a range of factors are the nearest
 * factors and the distances from them, since the positions of factors change when factors are added.
 * @param {BokehJS.Model} range
 */
export function formatInterval(range) {
  const { start, end } = range;
  if (!Number.isFinite(start) || !Number.isFinite(end)) return null;
  if (!isFactorRange(range)) return `${start},${end}`;
  const bounds = [start, end].map((position) => locate(range, position));
  return bounds.includes(null) ? null : JSON.stringify(bounds).slice(1, -1);
}

/**
 * Returns null for a text that is not an interval of this range, or has a factor that the range does not know.
 * @param {string} text
 * @param {BokehJS.Model} range
 * @returns {Interval | null}
 */
export function parseInterval(text, range) {
  const bounds = parseList(`[${text}]`);
  if (bounds?.length !== 2) return null;
  const [start, end] = bounds.map((bound) => isFactorRange(range) ? findPosition(range, bound) : bound);
  return Number.isFinite(start) && Number.isFinite(end) ? { start, end } : null;
}

/**
 * Returns true if a viewer could have moved the range to this interval, from the one that it shows to all.
 * @param {Interval} interval
 * @param {BokehJS.Model} range
 * @param {boolean} isLog
 */
export function checkInterval({ start, end }, range, isLog) {
  const map = isLog ? Math.log10 : Number;
  const home = readHome(range);
  const [from, to, homeFrom, homeTo] = [start, end, home.start, home.end].map(map);
  const span = (to ?? NaN) - (from ?? NaN);
  const homeSpan = (homeTo ?? NaN) - (homeFrom ?? NaN);
  const distance = Math.abs((from ?? NaN) - (homeFrom ?? NaN));
  const size = Math.max(Math.abs(from ?? NaN), Math.abs(to ?? NaN));
  // NaN fails each of these
  const isUsual = Math.sign(span) === Math.sign(homeSpan) && Math.abs(span) > size * MIN_RELATIVE_SPAN
    && Math.abs(span) <= Math.abs(homeSpan) * MAX_EXTENT && distance <= Math.abs(homeSpan) * MAX_EXTENT;
  return isUsual && isWithinLimits({ start, end }, range);
}

/**
 * Returns where a reset goes to. A range that follows the data is there until it is moved.
 * @param {BokehJS.Model} range
 * @returns {Interval}
 */
function readHome({ type, start, end, _reset_start, _reset_end }) {
  return type === "Range1d" ? { start: _reset_start, end: _reset_end } : { start, end };
}

/**
 * The limits that the author gave the range.
 * @param {Interval} interval
 * @param {BokehJS.Model} range
 */
function isWithinLimits({ start, end }, { bounds, computed_bounds, min_interval, max_interval }) {
  const span = Math.abs(end - start);
  if (span < (min_interval ?? 0) || span > (max_interval ?? Infinity)) return false;
  if (bounds === null) return true;
  const [min, max] = computed_bounds;
  const tolerance = span * 1e-9; // of sums
  return Math.min(start, end) >= min - tolerance && Math.max(start, end) <= max + tolerance;
}

/** @param {BokehJS.Model} range */
const isFactorRange = ({ type }) => type === "FactorRange";

/**
 * Returns the nearest factor, and the distance from it; null if there is no factor.
 * @param {BokehJS.Model} range
 * @param {number} position
 * @returns {[unknown, number] | null}
 */
function locate(range, position) {
  /** @type {[unknown, number] | null} */
  let nearest = null;
  for (const factor of range.factors) {
    const distance = position - range.synthetic(factor);
    if (!nearest || Math.abs(distance) < Math.abs(nearest[1])) nearest = [factor, distance];
  }
  return nearest;
}

/**
 * Returns NaN for a factor that the range does not have.
 * @param {BokehJS.Model} range
 * @param {unknown} bound
 */
function findPosition(range, bound) {
  if (!Array.isArray(bound) || bound.length !== 2 || typeof bound[1] !== "number") return NaN;
  const wanted = JSON.stringify(bound[0]);
  const factor = range.factors.find((/** @type {unknown} */ each) => JSON.stringify(each) === wanted);
  return factor === undefined ? NaN : range.synthetic(factor) + bound[1];
}

/**
 * @param {string} text
 * @returns {any[] | null}
 */
function parseList(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
