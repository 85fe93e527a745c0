// Reads and writes the wall's options in the page's address: `?wall`, or `?wall=30&plots=2`.

const DEFAULT_SECONDS = 15;
const MAX_SECONDS = 24 * 3600;
const COUNTS = [1, 2, 4];

/**
 * For how many seconds plots stay, and how many are shown at a time; null if their number and the screen decide.
 * @typedef {{ seconds: number, count: number | null }} WallOptions
 */

/** @type {WallOptions} */
export const DEFAULT_OPTIONS = { seconds: DEFAULT_SECONDS, count: null };

/**
 * Returns null if the address asks for no wall. Values that make no sense count as not given.
 * @param {{ search: string }} location
 * @returns {WallOptions | null}
 */
export function readWallOptions({ search }) {
  const query = new URLSearchParams(search);
  if (!query.has("wall")) return null;
  const seconds = Number(query.get("wall"));
  const count = Number(query.get("plots"));
  return {
    seconds: seconds >= 1 && seconds <= MAX_SECONDS ? seconds : DEFAULT_SECONDS,
    count: COUNTS.includes(count) ? count : null,
  };
}

/**
 * Returns the query with the wall in it, or without.
 * @param {{ search: string }} location
 * @param {boolean} isWall
 */
export function buildWallSearch({ search }, isWall) {
  const query = new URLSearchParams(search);
  if (isWall === query.has("wall")) return search;
  if (!isWall) for (const name of ["wall", "plots"]) query.delete(name);
  const others = `${query}`;
  if (!isWall) return others && `?${others}`;
  return `?wall${others && `&${others}`}`;
}
