import assert from "node:assert/strict";
import test from "node:test";
import { ScrollPosition } from "../../../bokeh_share/server/static/scroll_position.mjs";

/** A window that is scrolled by this many pixels; `leave` does what a browser does before a reload. */
function openWindow(t, { state = null, scrolled = 0 } = {}) {
  let onLeave = () => {};
  const scrolls = [];
  const history = { state, replaceState(next) { history.state = next; } };
  const globals = {
    history, scrollY: scrolled, scrollTo: ({ top }) => scrolls.push(top),
    addEventListener: (name, listener) => { if (name === "pagehide") onLeave = listener; },
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
    t.after(() => delete globalThis[name]);
  }
  return { history, scrolls, leave: () => onLeave() };
}

test("a page that is opened stays on top", (t) => {
  const { scrolls } = openWindow(t);
  const position = new ScrollPosition(() => null);
  assert.equal(position.plot, null);
  assert.equal(position.restore(), false);
  assert.deepEqual(scrolls, []);
});

test("a page that is reloaded is scrolled to where it was and says which plot was there", (t) => {
  const before = openWindow(t, { state: { other: 1 }, scrolled: 700 });
  new ScrollPosition(() => "k3");
  before.leave();
  const { state } = before.history;
  assert.equal(state.other, 1);
  const after = openWindow(t, { state });
  const position = new ScrollPosition(() => null);
  assert.equal(position.plot, "k3");
  assert.equal(position.restore(), true);
  assert.deepEqual(after.scrolls, [700]);
});

test("a page that the browser or the viewer has scrolled stays there", (t) => {
  const { scrolls } = openWindow(t, { state: { bokeh_share: { top: 700, plot: "k3" } }, scrolled: 300 });
  assert.equal(new ScrollPosition(() => null).restore(), true);
  assert.deepEqual(scrolls, []);
});
