import assert from "node:assert/strict";
import test from "node:test";
import { OverflowWatcher } from "../../../bokeh_share/server/static/overflow.mjs";

class FakeElement {
  isConnected = true;
  classList = { toggle: (name, isSet) => { this.isMarked = isSet; } };
  frame = this;
  closest() { return this.frame; }
  removeAttribute(name) { delete this[{ tabindex: "tabIndex" }[name]]; }
}

/** A watcher, what it observes, and a way to report that an element has another size. */
function createWatcher(t) {
  const observed = new Set();
  let report = () => {};
  const globals = {
    HTMLElement: FakeElement,
    ResizeObserver: class {
      constructor(callback) { report = callback; }
      observe(element) { observed.add(element); }
      unobserve(element) { observed.delete(element); }
    },
  };
  Object.assign(globalThis, globals);
  t.after(() => { for (const name of Object.keys(globals)) delete globalThis[name]; });
  return { watcher: new OverflowWatcher(), observed, resize: (target) => report([{ target }]) };
}

test("a plot that is wider than its card can be scrolled by keyboard", (t) => {
  const { watcher, resize } = createWatcher(t);
  const frame = Object.assign(new FakeElement(), { scrollWidth: 900, clientWidth: 600 });
  watcher.watch(frame);
  resize(frame);
  assert.deepEqual([frame.isMarked, frame.tabIndex], [true, 0]);
  frame.scrollWidth = 600;
  resize(frame);
  assert.deepEqual([frame.isMarked, frame.tabIndex], [false, undefined]);
});

test("an element that was removed from the page is no longer watched", (t) => {
  const { watcher, observed, resize } = createWatcher(t);
  const [stays, goes] = [new FakeElement(), Object.assign(new FakeElement(), { frame: null })];
  for (const each of [stays, goes]) watcher.watch(each);
  goes.isConnected = false;
  for (const each of [stays, goes]) resize(each);
  assert.deepEqual([...observed], [stays]);
});
