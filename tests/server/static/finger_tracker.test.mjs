import assert from "node:assert/strict";
import test from "node:test";
import { FingerTracker } from "../../../bokeh_share/server/static/finger_tracker.mjs";

const at = (clientX, clientY, timeStamp, pointerId = 1) => ({ pointerId, clientX, clientY, timeStamp });

test("a short touch at one place is a tap", () => {
  const fingers = new FingerTracker();
  fingers.press(at(100, 100, 0));
  fingers.move(at(104, 103, 50));
  assert.equal(fingers.lift(at(104, 103, 100)), true);
});

test("a finger that moved makes no tap, even if it comes back", () => {
  const fingers = new FingerTracker();
  fingers.press(at(100, 100, 0));
  fingers.move(at(100, 120, 50));
  assert.equal(fingers.lift(at(100, 100, 100)), false);
  fingers.press(at(100, 100, 1000));
  assert.equal(fingers.lift(at(100, 120, 1100)), false);
});

test("a long touch is no tap", () => {
  const fingers = new FingerTracker();
  fingers.press(at(100, 100, 0));
  assert.equal(fingers.lift(at(100, 100, 501)), false);
});

test("two fingers make no tap", () => {
  const fingers = new FingerTracker();
  fingers.press(at(100, 100, 0));
  fingers.press(at(200, 100, 10, 2));
  assert.equal(fingers.lift(at(100, 100, 100)), false);
  assert.equal(fingers.lift(at(200, 100, 110, 2)), false);
});

test("a touch that the browser took, or for which it opened a menu, is no tap", () => {
  const fingers = new FingerTracker();
  fingers.press(at(100, 100, 0));
  fingers.cancelTap();
  assert.equal(fingers.lift(at(100, 100, 100)), false);
});

test("a touch that stops a scrolling page is no tap", () => {
  const fingers = new FingerTracker();
  fingers.recordScroll({ timeStamp: 1000 });
  fingers.press(at(100, 100, 1016));
  assert.equal(fingers.lift(at(100, 100, 1100)), false);
  fingers.press(at(100, 100, 1500));
  assert.equal(fingers.lift(at(100, 100, 1600)), true);
});

test("fingers whose end was never reported are forgotten", () => {
  const fingers = new FingerTracker();
  fingers.press(at(100, 100, 0));
  fingers.clear();
  fingers.press(at(200, 100, 1000, 2));
  assert.equal(fingers.lift(at(200, 100, 1100, 2)), true);
});

test("a finger that was not seen to come down makes no tap", () => {
  assert.equal(new FingerTracker().lift(at(100, 100, 100)), false);
});
