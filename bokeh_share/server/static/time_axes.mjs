// Finds the axes that show dates or durations, which BokehJS has as numbers.

import { readAttribute } from "./models.mjs";

/** @typedef {"date" | "duration"} TimeKind */

const SIDES = ["below", "above", "left", "right", "center"];

export class TimeAxes {
  /** @type {Map<string, TimeKind>} By dimension and name of the range. */
  #kinds = new Map();

  /** @param {BokehJS.Model} plot */
  constructor(plot) {
    for (const side of SIDES) {
      for (const axis of readAttribute(plot, side) ?? []) {
        const kind = findTimeKind(axis);
        if (!kind) continue;
        const dimension = findDimension(axis, side);
        this.#kinds.set(`${dimension} ${readAttribute(axis, `${dimension}_range_name`) ?? "default"}`, kind);
      }
    }
  }

  /**
   * Returns the kind of a renderer's coordinates in a dimension; null if they are no times.
   * @param {BokehJS.Model} renderer
   * @param {"x" | "y" | undefined} dimension
   */
  find(renderer, dimension) {
    if (!dimension) return null;
    return this.#kinds.get(`${dimension} ${readAttribute(renderer, `${dimension}_range_name`) ?? "default"}`) ?? null;
  }
}

/**
 * The formatter, the ticker or the axis itself is made for times.
 * @param {BokehJS.Model} axis
 * @returns {TimeKind | null}
 */
function findTimeKind(axis) {
  if (!axis.properties?.ticker) return null;
  const types = [axis.type, readAttribute(axis, "formatter")?.type, readAttribute(axis, "ticker")?.type];
  if (types.some((type) => /^Timedelta/.test(type))) return "duration";
  return types.some((type) => /^Datetime/.test(type)) ? "date" : null;
}

/**
 * @param {BokehJS.Model} axis
 * @param {string} side
 */
function findDimension(axis, side) {
  const dimension = readAttribute(axis, "dimension");
  if (dimension === 0 || dimension === 1) return dimension === 0 ? "x" : "y";
  return side === "left" || side === "right" ? "y" : "x";
}
