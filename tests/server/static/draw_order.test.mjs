import assert from "node:assert/strict";
import test from "node:test";
import { findPlaces, rankRedraw } from "../../../bokeh_share/server/static/draw_order.mjs";

const WINDOW = 1000;

/** Twenty plots of 400 pixels, scrolled by this many. */
const buildExtents = (scrolled) => Array.from({ length: 20 }, (_, index) => {
  return { top: index * 400 - scrolled, bottom: (index + 1) * 400 - scrolled };
});

const listTimes = (places) => places.map(({ time }) => ({ now: "n", "when idle": "i", later: "-" })[time]).join("");

const sortByRank = (places) => [...places.keys()].filter((index) => places[index].time === "now")
  .sort((one, other) => places[one].rank - places[other].rank);

test("plots in view come first and then those near by their distance", () => {
  assert.deepEqual(sortByRank(findPlaces(buildExtents(4100), WINDOW)), [10, 11, 12, 9, 13, 8, 14, 7, 15]);
});

test("the next five are drawn when the browser is idle and others later", () => {
  assert.equal(listTimes(findPlaces(buildExtents(0), WINDOW)), "nnnnnniiiii---------");
  assert.equal(listTimes(findPlaces(buildExtents(4000), WINDOW)), "-------nnnnnnnnniiii");
  assert.equal(listTimes(findPlaces(buildExtents(7000), WINDOW)), "--------------nnnnnn");
});

test("a plot that is near by heights that are not rounded is near", () => {
  const exact = 1000.9;
  const extents = [{ top: -exact - 400, bottom: -exact }, { top: 2 * exact, bottom: 2 * exact + 400 }];
  assert.equal(listTimes(findPlaces(extents, Math.floor(exact))), "nn");
});

test("all plots are drawn now if that is wanted", () => {
  assert.equal(listTimes(findPlaces(buildExtents(0), WINDOW, { isDrawingAll: true })), "n".repeat(20));
});

test("the named plot is the first of those in view", () => {
  assert.deepEqual(sortByRank(findPlaces(buildExtents(4100), WINDOW, { named: 11 })).slice(0, 3), [11, 10, 12]);
  assert.deepEqual(sortByRank(findPlaces(buildExtents(4100), WINDOW, { named: 14 })).slice(0, 3), [10, 11, 12]);
});

test("a drawn plot goes before plots that nobody sees and those in view before a drawn one elsewhere", () => {
  const [inView, elsewhere] = [rankRedraw({ top: 10, bottom: 20 }, WINDOW), rankRedraw({ top: 9000, bottom: 9400 }, WINDOW)];
  const places = findPlaces([{ top: 500, bottom: 900 }, { top: 1000.5, bottom: 1400 }], WINDOW, { named: 0 });
  assert.deepEqual([inView, elsewhere, ...places.map(({ rank }) => rank)].sort((a, b) => a - b), [inView, places[0].rank, elsewhere, places[1].rank]);
});

test("a page without plots has nothing to draw", () => {
  assert.deepEqual(findPlaces([], WINDOW), []);
});
