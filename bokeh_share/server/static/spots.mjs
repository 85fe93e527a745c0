// Finds the place on the screen of a point of a figure, and the point of a figure at a place on the screen.

/**
 * @import { Coordinate, Spot } from "./messages.mjs"
 * @typedef {{ plotId: string, section: HTMLElement, drawing: { bokeh: BokehJS.Document | null } | null }} SpotCard
 * @typedef {{ left: number, top: number, isInside: boolean }} ScreenSpot in pixels of the window
 */

/**
 * Returns null if the figure is not on the screen, or has no such place. A place outside of the frame is moved to its
 * edge.
 * @param {Spot} spot
 * @param {SpotCard[]} cards
 * @returns {ScreenSpot | null}
 */
export function findScreenSpot({ plot, model, x, y }, cards) {
  const card = cards.find(({ plotId }) => plotId === plot);
  const view = card?.drawing?.bokeh?.views_manager.query_one((each) => each.model.id === model);
  if (!card || !view?.frame) return null;
  const { bbox, x_scale, y_scale } = view.frame;
  const [left, top] = [x_scale.compute(locate(view.model.x_range, x)), y_scale.compute(locate(view.model.y_range, y))];
  if (!Number.isFinite(left) || !Number.isFinite(top)) return null;
  const [shownLeft, shownTop] = [clamp(left, bbox.left, bbox.right), clamp(top, bbox.top, bbox.bottom)];
  const rect = view.el.getBoundingClientRect();
  // a wall shows plots larger than they are laid out
  const scale = view.el.offsetWidth > 0 ? rect.width / view.el.offsetWidth : 1;
  const place = { left: rect.left + shownLeft * scale, top: rect.top + shownTop * scale };
  // a wide plot scrolls inside of its card
  const isShown = rect.width > 0 && isAt(card.section, place.left, place.top);
  return isShown ? { ...place, isInside: left === shownLeft && top === shownTop } : null;
}

/**
 * Returns null if there is no figure's frame at this place of the window.
 * @param {number} left
 * @param {number} top
 * @param {SpotCard[]} cards
 * @returns {Spot | null}
 */
export function findSpot(left, top, cards) {
  for (const { plotId, drawing } of cards) {
    const views = [...drawing?.bokeh?.views_manager.query(({ frame, el }) => frame?.x_scale && isAt(el, left, top)) ?? []];
    // figures in a layout are beside each other, so the last one is the innermost
    const view = views.at(-1);
    if (!view) continue;
    const rect = view.el.getBoundingClientRect();
    const scale = view.el.offsetWidth > 0 ? rect.width / view.el.offsetWidth : 1;
    const [x, y] = [(left - rect.left) / scale, (top - rect.top) / scale];
    const { bbox, x_scale, y_scale } = view.frame;
    if (x < bbox.left || x > bbox.right || y < bbox.top || y > bbox.bottom) return null;
    const spot = {
      plot: plotId, model: view.model.id, x: describe(view.model.x_range, x_scale.invert(x)),
      y: describe(view.model.y_range, y_scale.invert(y)),
    };
    return isFinite(spot.x) && isFinite(spot.y) ? /** @type {Spot} */ (spot) : null;
  }
  return null;
}

/**
 * Returns the position of a coordinate; NaN for a factor that the range does not have.
 * @param {BokehJS.Model} range
 * @param {Coordinate} coordinate
 * @returns {number}
 */
function locate(range, coordinate) {
  if (typeof coordinate === "number") return coordinate;
  if (range.type !== "FactorRange") return NaN;
  const [factor, distance] = coordinate;
  const isKnown = range.factors.some((/** @type {unknown} */ each) => JSON.stringify(each) === JSON.stringify(factor));
  return isKnown ? range.synthetic(factor) + distance : NaN;
}

/**
 * Positions of factors change when factors are added, so they are described by the nearest factor.
 * @param {BokehJS.Model} range
 * @param {number} position
 * @returns {Coordinate}
 */
function describe(range, position) {
  if (range.type !== "FactorRange") return position;
  /** @type {Coordinate} */
  let nearest = NaN;
  for (const factor of range.factors) {
    const distance = position - range.synthetic(factor);
    if (typeof nearest === "number" || Math.abs(distance) < Math.abs(nearest[1])) nearest = [factor, distance];
  }
  return nearest;
}

/** @param {Coordinate} coordinate */
const isFinite = (coordinate) => Number.isFinite(typeof coordinate === "number" ? coordinate : coordinate[1]);

/** @type {(value: number, min: number, max: number) => number} */
const clamp = (value, min, max) => Math.min(Math.max(value, min), max);

/** @type {(element: HTMLElement, left: number, top: number) => boolean} */
function isAt(element, left, top) {
  const rect = element.getBoundingClientRect();
  return left >= rect.left && left <= rect.right && top >= rect.top && top <= rect.bottom;
}
