// Reads and writes the fragment of the page's address that names a plot, and may have a view of it.

/**
 * How links name a plot: by its name, or else by its anchor. Its id would name another plot after a restart.
 * @typedef {{ name: string | null, anchor: string | null }} PlotNames
 */

const START = "#plot=";
const VIEW_FIELD = "view";
const VIEW_VERSION = "1";
const MAX_LENGTH = 20_000;

/**
 * Returns the name or the anchor in the fragment; null if it names no plot in this way.
 * @param {{ hash: string }} location
 */
export function readLinkedPlot({ hash }) {
  return parseFragment(hash)?.get("plot") ?? null;
}

/**
 * Returns the fields of a view; null if the fragment has none.
 * @param {{ hash: string }} location
 * @returns {[string, string][] | null}
 */
export function readLinkedView({ hash }) {
  const fields = parseFragment(hash);
  if (fields?.get(VIEW_FIELD) !== VIEW_VERSION) return null;
  return [...fields].filter(([field]) => field !== "plot" && field !== VIEW_FIELD);
}

/**
 * @param {PlotNames} plot
 * @param {{ hash: string }} location
 */
export function isLinkedPlot({ name, anchor }, location) {
  const linked = readLinkedPlot(location);
  return linked !== null && linked === (name ?? anchor);
}

/** @param {PlotNames} plot */
export function buildPlotFragment({ name, anchor }) {
  return name === null ? `${START}${anchor}` : `#${encodeURIComponent(name)}`;
}

/**
 * @param {PlotNames} plot
 * @param {[string, string][]} fields of the view
 */
export function buildViewFragment({ name, anchor }, fields) {
  const all = [[VIEW_FIELD, VIEW_VERSION], ...fields].map(([field, value]) => `&${field}=${encode(value ?? "")}`);
  return `${START}${encode(name ?? anchor ?? "")}${all.join("")}`;
}

/**
 * @param {string} hash
 * @returns {URLSearchParams | null}
 */
function parseFragment(hash) {
  if (!hash.startsWith(START) || hash.length > MAX_LENGTH) return null;
  return new URLSearchParams(hash.slice(1));
}

/**
 * Keeps commas, which people can read and links may contain.
 * @param {string} text
 */
const encode = (text) => encodeURIComponent(text).replaceAll("%2C", ",");
