// Decides which plots are drawn first: those that the viewer sees, then those near.

/**
 * @typedef {{ readonly top: number, readonly bottom: number }} Extent in pixels below the top of the window
 * @typedef {"now" | "when idle" | "later"} DrawTime
 * @typedef {{ rank: number, time: DrawTime }} Place the plot with the lowest rank is drawn first
 */

// Plots are near that are at most as many heights of the window above or below it.
export const NEAR_WINDOWS = 1;
const IDLE_COUNT = 5;
// The browser reports once that a plot came near, by heights that are not rounded. The plot must be near here too.
const ROUNDING = 3;

// The ranks of a drawn plot that is drawn again: before the first drawing of a plot in view, which has the rank 0,
// and before those that nobody sees, which have their distance as rank.
const REDRAW_IN_VIEW = -2;
const REDRAW_ELSEWHERE = 0.5;
const NAMED_IN_VIEW = -1;

/**
 * Returns the place of each plot, given in the page's order.
 * @param {Extent[]} extents
 * @param {number} windowHeight
 * @param {{ named?: number, isDrawingAll?: boolean }} options the index of the plot that the address names
 * @returns {Place[]}
 */
export function findPlaces(extents, windowHeight, { named = -1, isDrawingAll = false } = {}) {
  const distances = extents.map((extent) => measureDistance(extent, windowHeight));
  const isNear = (/** @type {number} */ distance) => distance <= NEAR_WINDOWS * windowHeight + ROUNDING;
  const lastNear = distances.findLastIndex(isNear);
  return distances.map((distance, index) => {
    const rank = distance === 0 && index === named ? NAMED_IN_VIEW : distance;
    if (isDrawingAll || isNear(distance)) return { rank, time: "now" };
    return { rank, time: index > lastNear && index <= lastNear + IDLE_COUNT ? "when idle" : "later" };
  });
}

/**
 * Returns the rank at which a drawn plot is drawn again.
 * @param {Extent} extent
 * @param {number} windowHeight
 */
export function rankRedraw(extent, windowHeight) {
  return measureDistance(extent, windowHeight) === 0 ? REDRAW_IN_VIEW : REDRAW_ELSEWHERE;
}

/**
 * Returns the pixels, rounded up, from the window to the plot; 0 if part of it is in view.
 * @param {Extent} extent
 * @param {number} windowHeight
 */
export function measureDistance({ top, bottom }, windowHeight) {
  return Math.ceil(Math.max(0, top - windowHeight, -bottom));
}
