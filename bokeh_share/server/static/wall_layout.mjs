// Computes how many plots the wall shows at a time, where, and how large.

/** @import { PlotBox } from "./messages.mjs" */

/**
 * @typedef {{ width: number, height: number }} Size in pixels
 * @typedef {{ left: number, top: number } & Size} Cell
 * @typedef {{ width: number | null, fillHeight: number }} PlotSize the width at which the plot is laid out before it
 *   is magnified, null for its own; and the height of a plot that has no height of its own
 */

const COUNTS = [4, 2, 1];
const GAP = 0.01;
// The title of a plot takes this part of the screen's height.
const TITLE_HEIGHT = 0.045;
// BokehJS writes tick labels of 11 pixels. At this scale, they can be read from three metres on a screen that fills
// as much of the view as one of 55 inches does there, whatever its resolution.
const LEGIBLE_PART = 1 / 1100;
const MIN_SCALE = 0.75;
// A plot that is free in its scale gets this much more than what is legible.
const COMFORT = 1.25;
// A plot that is narrower has no room for its labels.
const MIN_WIDTH = 560;

/**
 * Returns the scale at which the text of a plot can be read from the other end of the room.
 * @param {Size} screen
 */
export function findLegibleScale({ width, height }) {
  return Math.max(MIN_SCALE, Math.min(width, height) * LEGIBLE_PART);
}

/**
 * Returns how many plots are shown at a time: the most of which at least half can be read.
 * @param {PlotBox[]} boxes
 * @param {Size} screen
 * @returns {number}
 */
export function chooseCount(boxes, screen) {
  const legible = findLegibleScale(screen);
  return COUNTS.find((count) => {
    const [cell] = arrangeCells(count, screen);
    if (!cell || count > boxes.length) return false;
    const area = { width: cell.width, height: cell.height - TITLE_HEIGHT * screen.height };
    return boxes.filter((box) => computeScale(box, area, legible) >= legible).length * 2 >= boxes.length;
  }) ?? 1;
}

/**
 * Returns the places of so many plots.
 * @param {number} count
 * @param {Size} screen
 * @returns {Cell[]}
 */
export function arrangeCells(count, screen) {
  const isWide = screen.width >= screen.height;
  const columns = count === 4 || (count === 2 && isWide) ? 2 : 1;
  const rows = count / columns;
  const gap = Math.round(GAP * Math.min(screen.width, screen.height));
  const width = (screen.width - gap * (columns + 1)) / columns;
  const height = (screen.height - gap * (rows + 1)) / rows;
  return Array.from({ length: count }, (_, index) => ({
    left: gap + (index % columns) * (width + gap),
    top: gap + Math.floor(index / columns) * (height + gap),
    width,
    height,
  }));
}

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
 * @param {PlotBox} box
 * @param {Size} area
 * @param {number} legible
 */
function computeScale(box, area, legible) {
  const [ownWidth, height = 0, slope = 0, fillsHeight = 0] = box;
  const { width, fillHeight } = choosePlotSize(box, area, legible);
  const shownWidth = ownWidth ?? width ?? 1;
  const shownHeight = fillsHeight ? Math.max(fillHeight, height) : height + slope * shownWidth;
  return Math.min(area.width / shownWidth, area.height / Math.max(1, shownHeight));
}
