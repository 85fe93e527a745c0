import assert from "node:assert/strict";
import test from "node:test";
import { ScrollPosition } from "../../../bokeh_share/server/static/scroll_position.mjs";

/** A window that is scrolled by this many pixels; `leave` does what a browser does before a reload. */
function openWindow(t, { type = "navigate", stored = null, scrolled = 0, pathname = "/secret/", hash = "" } = {}) {
  let onLeave = () => {};
  const scrolls = [];
  const storage = { text: stored };
  const globals = {
    sessionStorage: { getItem: () => storage.text, setItem: (_, text) => { storage.text = text; } },
    location: { pathname, hash }, performance: { getEntriesByType: () => [{ type }] },
    scrollY: scrolled, scrollTo: ({ top }) => scrolls.push(top),
    addEventListener: (name, listener) => { if (name === "pagehide") onLeave = listener; },
  };
  for (const [name, value] of Object.entries(globals)) {
    const former = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true });
    t.after(() => former ? Object.defineProperty(globalThis, name, former) : delete globalThis[name]);
  }
  return { storage, scrolls, leave: () => onLeave() };
}

/** The position of a page that was left at the plot `k3`. */
function leaveAt(t, scrolled, hash = "") {
  const { storage, leave } = openWindow(t, { scrolled, hash });
  new ScrollPosition(() => "k3").restore();
  leave();
  return storage.text;
}

test("a page that is opened stays on top", (t) => {
  const stored = leaveAt(t, 700);
  const { scrolls } = openWindow(t, { stored });
  const position = new ScrollPosition(() => null);
  assert.equal(position.plot, null);
  assert.equal(position.restore(), false);
  assert.deepEqual(scrolls, []);
});

for (const type of ["reload", "back_forward"]) {
  test(`after a ${type} the page is scrolled to where it was and says which plot was there`, (t) => {
    const { scrolls } = openWindow(t, { type, stored: leaveAt(t, 700) });
    const position = new ScrollPosition(() => null);
    assert.equal(position.plot, "k3");
    assert.equal(position.restore(), true);
    assert.deepEqual(scrolls, [700]);
  });
}

test("a page that is reloaded again before it has plots keeps its position", (t) => {
  const { storage, leave } = openWindow(t, { type: "reload", stored: leaveAt(t, 700) });
  new ScrollPosition(() => null);
  leave();
  const { scrolls } = openWindow(t, { type: "reload", stored: storage.text });
  const position = new ScrollPosition(() => null);
  assert.equal(position.plot, "k3");
  assert.equal(position.restore(), true);
  assert.deepEqual(scrolls, [700]);
});

test("a page that is reloaded at its top stays there also if its address names a plot", (t) => {
  openWindow(t, { type: "reload", stored: leaveAt(t, 0, "#sales"), hash: "#sales" });
  const position = new ScrollPosition(() => null);
  assert.equal(position.plot, "k3");
  assert.equal(position.restore(), true);
});

test("a page whose address names another plot since goes to that plot", (t) => {
  const { scrolls } = openWindow(t, { type: "reload", stored: leaveAt(t, 700, "#sales"), hash: "#costs" });
  const position = new ScrollPosition(() => null);
  assert.equal(position.plot, null);
  assert.equal(position.restore(), false);
  assert.deepEqual(scrolls, []);
});

test("a page that was left before it had plots has no position", (t) => {
  const { storage, leave } = openWindow(t, { hash: "#sales" });
  new ScrollPosition(() => null);
  leave();
  openWindow(t, { type: "reload", stored: storage.text, hash: "#sales" });
  assert.equal(new ScrollPosition(() => null).restore(), false);
});

test("another page stays on top", (t) => {
  openWindow(t, { type: "reload", stored: leaveAt(t, 700), pathname: "/other/" });
  assert.equal(new ScrollPosition(() => null).restore(), false);
});

test("a page that the browser or the viewer has scrolled stays there", (t) => {
  const { scrolls } = openWindow(t, { type: "reload", stored: leaveAt(t, 700), scrolled: 300 });
  assert.equal(new ScrollPosition(() => null).restore(), true);
  assert.deepEqual(scrolls, []);
});

test("a page for which the browser stores nothing stays on top", (t) => {
  openWindow(t, { type: "reload", stored: "{" });
  assert.equal(new ScrollPosition(() => null).restore(), false);
});
