import assert from "node:assert/strict";
import { test } from "node:test";
import { findScreenSpot, findSpot } from "../../../bokeh_share/server/static/spots.mjs";

/** A figure of 200 × 100 pixels at (50, 20), whose frame begins at (10, 10), shown at this scale. */
function createCard({ x_range = { type: "Range1d" }, magnified = 1 } = {}) {
  const el = {
    offsetWidth: 200,
    getBoundingClientRect: () => ({
      left: 50, top: 20, right: 50 + 200 * magnified, bottom: 20 + 100 * magnified, width: 200 * magnified,
    }),
  };
  const view = {
    model: { id: "k1.1.5", x_range, y_range: { type: "Range1d" } }, el,
    frame: {
      bbox: { left: 10, right: 190, top: 10, bottom: 90 },
      x_scale: { compute: (x) => 10 + x * 18, invert: (px) => (px - 10) / 18 },
      y_scale: { compute: (y) => 90 - y * 8, invert: (px) => (90 - px) / 8 },
    },
  };
  const manager = {
    query_one: (isWanted) => isWanted(view) ? view : null, *query(isWanted) { if (isWanted(view)) yield view; },
  };
  const section = { getBoundingClientRect: () => ({ left: 0, top: 0, right: 300, bottom: 300 }) };
  return { plotId: "k1", section, drawing: { bokeh: { views_manager: manager } } };
}

const SPOT = { plot: "k1", model: "k1.1.5", x: 5, y: 5 };

test("a spot is found on the screen and back, also on a wall", () => {
  for (const magnified of [1, 2]) {
    const cards = [createCard({ magnified })];
    const { left, top, isInside } = findScreenSpot(SPOT, cards);
    assert.deepEqual([left, top, isInside], [50 + 100 * magnified, 20 + 50 * magnified, true]);
    assert.deepEqual(findSpot(left, top, cards), SPOT);
  }
});

test("outside of the axes it is at the edge", () => {
  assert.deepEqual(findScreenSpot({ ...SPOT, x: 99, y: -3 }, [createCard()]), { left: 240, top: 110, isInside: false });
});

test("a spot of another plot or figure, or without a place, is not shown", () => {
  const cards = [createCard(), { plotId: "k2", drawing: null }];
  for (const change of [{ plot: "k2" }, { plot: "k3" }, { model: "k1.1.6" }, { x: NaN }, { x: ["a", 0] }]) {
    assert.equal(findScreenSpot({ ...SPOT, ...change }, cards), null);
  }
});

test("there is no spot outside of a frame", () => {
  for (const [left, top] of [[55, 50], [5, 5], [245, 50], [100, 112]]) assert.equal(findSpot(left, top, [createCard()]), null);
});

test("on an axis of factors a spot belongs to its factor", () => {
  const factors = (...names) => ({ type: "FactorRange", factors: names, synthetic: (name) => names.indexOf(name) + 0.5 });
  const spot = findSpot(50 + 10 + 18 * 1.25, 70, [createCard({ x_range: factors("a", "b", "c") })]);
  assert.deepEqual(spot.x, ["b", -0.25]);
  const { left } = findScreenSpot(spot, [createCard({ x_range: factors("new", "a", "b", "c") })]);
  assert.equal(left, 50 + 10 + 18 * 2.25);
  assert.equal(findScreenSpot(spot, [createCard({ x_range: factors("a") })]), null);
});
