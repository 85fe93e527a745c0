// Computes how large a plot is in an area in which it is magnified.

/** @import { PlotBox } from "./messages.mjs" */

/**
 * @typedef {{ width: number, height: number }} Size in pixels
 * @typedef {{ width: number | null, fillHeight: number }} PlotSize the width at which the plot is laid out before it
 *   is magnified, null for its own; and the height of a plot that has no height of its own
 */

// A plot that is free in its scale gets this much more than what is legible.
const COMFORT = 1.25;
// A plot that is narrower has no room for its labels.
const MIN_WIDTH = 560;

/**
 * Returns the size at which a plot fills the area once it is magnified.
 * @param {PlotBox} box
 * @param {Size} area
 * @param {number} legible the least scale
 * @returns {PlotSize}
 */
export function choosePlotSize([width, height = 0, slope = 0, fillsHeight = 0], area, legible) {
  const comfortable = legible * COMFORT;
  const fillHeight = area.height / comfortable;
  if (width !== null) return { width: null, fillHeight };
  const ratio = area.height / area.width;
  const widest = area.width / legible;
  if (fillsHeight) return { width: area.width / comfortable, fillHeight };
  if (slope >= ratio) return { width: Math.min(widest, area.height / slope / comfortable), fillHeight };
  // at this width, the plot is as high as the area
  const filling = height / (ratio - slope) || area.width / comfortable;
  return { width: Math.min(widest, Math.max(MIN_WIDTH, filling)), fillHeight };
}

/**
 * Returns the scale at which the plot fits into the area.
 * @param {PlotBox} box
 * @param {Size} area
 * @param {number} legible
 */
export function computeScale(box, area, legible) {
  const [ownWidth, height = 0, slope = 0, fillsHeight = 0] = box;
  const { width, fillHeight } = choosePlotSize(box, area, legible);
  const shownWidth = ownWidth ?? width ?? 1;
  const shownHeight = fillsHeight ? Math.max(fillHeight, height) : height + slope * shownWidth;
  return Math.min(area.width / shownWidth, area.height / Math.max(1, shownHeight));
}
