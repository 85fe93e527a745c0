// Computes how many plots the wall shows at a time, where, and how large.

import { computeScale } from "./plot_size.mjs";

/**
 * @import { PlotBox } from "./messages.mjs"
 * @import { Size } from "./plot_size.mjs"
 * @typedef {{ left: number, top: number } & Size} Cell
 */

const COUNTS = [4, 2, 1];
const GAP = 0.01;
// The title of a plot takes this part of the screen's height.
const TITLE_HEIGHT = 0.045;
// BokehJS writes tick labels of 11 pixels. At this scale, they can be read from three metres on a screen that fills
// as much of the view as one of 55 inches does there, whatever its resolution.
const LEGIBLE_PART = 1 / 1100;
const MIN_SCALE = 0.75;

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
