import assert from "node:assert/strict";
import test from "node:test";
import { mergeEntries } from "../../../bokeh_share/server/static/cards.mjs";
import { buildPage } from "./fakes.mjs";

const BEFORE = mergeEntries(new Map(), buildPage(["a", "b", "c"], { base: null, order: null }));

/** The generations of the plots in their order, after a message about these plots. */
function merge(plots, order) {
  const entries = plots.map((id) => ({ ...BEFORE.get(id), id, generation: 2 }));
  return [...mergeEntries(BEFORE, { base: 1, plots: entries, order })].map(([id, { generation }]) => `${id}${generation}`);
}

test("a first page has all plots and a later one those that differ", () => {
  assert.deepEqual([...BEFORE.keys()], ["a", "b", "c"]);
  assert.deepEqual(merge([], null), ["a1", "b1", "c1"]);
  assert.deepEqual(merge(["b"], null), ["a1", "b2", "c1"]);
});

test("plots that come, go and move are listed in their order", () => {
  assert.deepEqual(merge(["d"], ["d", "a", "b", "c"]), ["d2", "a1", "b1", "c1"]);
  assert.deepEqual(merge([], ["c", "a"]), ["c1", "a1"]);
  assert.deepEqual(mergeEntries(BEFORE, { base: 1, plots: [], order: [] }).size, 0);
});
