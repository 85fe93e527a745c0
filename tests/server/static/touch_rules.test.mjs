import assert from "node:assert/strict";
import test from "node:test";
import { EDGE_WIDTH, findTakenTouches, isNearEdge } from "../../../bokeh_share/server/static/touch_rules.mjs";

const tool = (...event_types) => ({ active: true, event_types });
const PHONE = { offsetLeft: 0, width: 390, scale: 1 };

test("both edges of the screen belong to the page", () => {
  assert.equal(isNearEdge(EDGE_WIDTH - 1, PHONE), true);
  assert.equal(isNearEdge(EDGE_WIDTH, PHONE), false);
  assert.equal(isNearEdge(390 - EDGE_WIDTH, PHONE), false);
  assert.equal(isNearEdge(390 - EDGE_WIDTH + 1, PHONE), true);
});

test("the edges are those of the screen, also if the page is zoomed", () => {
  const zoomed = { offsetLeft: 100, width: 195, scale: 2 };
  assert.equal(isNearEdge(110, zoomed), true);
  assert.equal(isNearEdge(130, zoomed), false);
  assert.equal(isNearEdge(290, zoomed), true);
});

test("an active tool takes the touches of its kind", () => {
  assert.deepEqual(findTakenTouches([tool("pan")], [], false), { one: true, two: false });
  assert.deepEqual(findTakenTouches([tool("scroll")], [], false), { one: false, two: true });
  assert.deepEqual(findTakenTouches([tool("move")], [], false), { one: true, two: false });
  assert.deepEqual(findTakenTouches([tool("tap", "pan"), tool("scroll")], [], false), { one: true, two: true });
});

test("tools that are not active, and tools for taps, leave the touches to the page", () => {
  const inactive = { active: false, event_types: ["pan", "scroll"] };
  assert.deepEqual(findTakenTouches([inactive, tool("tap"), tool()], [], false), { one: false, two: false });
});

test("the author's code takes the touches whose events it receives", () => {
  assert.deepEqual(findTakenTouches([], ["tap", "pan"], false), { one: true, two: false });
  assert.deepEqual(findTakenTouches([], ["pinchstart"], false), { one: false, two: true });
  assert.deepEqual(findTakenTouches([], ["tap", "reset"], false), { one: false, two: false });
});

test("a part that can be dragged takes one finger without any tool", () => {
  assert.deepEqual(findTakenTouches([], [], true), { one: true, two: false });
});
