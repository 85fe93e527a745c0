import assert from "node:assert/strict";
import test from "node:test";
import { ShareState, buildSavedState } from "../../../bokeh_share/server/static/states.mjs";

const AT = new Date(2026, 10, 28, 9, 30);
const LOST = { code: 1006, reason: "" };

/** A state, and the names of all that it was. */
function createState() {
  const shown = [];
  const state = new ShareState((each) => shown.push(each));
  return { state, shown, names: () => shown.map(({ name }) => name), text: () => shown.at(-1).describe() };
}

test("a page message says that the share is live or paused", () => {
  const { state, names, text } = createState();
  state.handlePage({ paused: null });
  assert.equal(text(), "Live");
  state.handlePage({ paused: AT.getTime() });
  assert.match(text(), /^The author paused this page at .*28/);
  assert.deepEqual(names(), ["live", "paused"]);
});

test("while a cell runs the state says since when", () => {
  const { state, shown, names, text } = createState();
  state.handlePage({ paused: null });
  state.handleBusy(60, AT.getTime() + 60_000);
  assert.deepEqual(shown.at(-1).busySince, AT);
  assert.equal(text(), "The author’s notebook is running");
  assert.equal(shown.at(-1).note, ". You see the last state.");
  state.handleBusy(null);
  assert.deepEqual(names(), ["live", "busy", "live"]);
});

test("a cell that runs before the page has come is told when it comes", () => {
  const { state, names } = createState();
  state.handleBusy(5);
  assert.deepEqual(names(), []);
  state.handlePage({ paused: null });
  assert.deepEqual(names(), ["busy"]);
});

test("a new connection forgets that the kernel was busy", () => {
  const { state, names } = createState();
  state.handleBusy(5);
  state.handleOpen();
  state.handlePage({ paused: null });
  assert.deepEqual(names(), ["live"]);
});

test("a pause is told rather than a cell that runs", () => {
  const { state, names } = createState();
  state.handlePage({ paused: AT.getTime() });
  state.handleBusy(5);
  assert.deepEqual(names(), ["paused"]);
});

test("a kernel that is away is told with the time of its last sign of life", () => {
  const { state, shown, names, text } = createState();
  state.handleAway(60);
  assert.deepEqual(names(), [], "the page has not come");
  state.handlePage({ paused: null });
  state.handleAway(120, AT.getTime() + 120_000);
  assert.match(text(), /^The author’s notebook is away since .*28/, "with its day, since that is not today");
  assert.equal(shown.at(-1).note, ". This is the last state.");
  state.handleAway(60);
  assert.match(text(), /^The author’s notebook is away since \d\d:\d\d( [AP]M)?$/);
  assert.ok(state.isAway);
  assert.ok(!state.isClosed);
  state.handleAway(null);
  assert.deepEqual(names(), ["away", "away", "away", "live"]);
  assert.ok(!state.isAway);
});

test("of a pause, a cell that runs and a kernel that is away, the last one counts most", () => {
  const { state, names } = createState();
  state.handlePage({ paused: AT.getTime() });
  state.handleAway(20);
  state.handleBusy(5);
  state.handlePage({ paused: AT.getTime() });
  assert.deepEqual(names(), ["paused", "away", "away"]);
  state.handlePage({ paused: null });
  state.handleAway(null);
  assert.deepEqual(names().slice(3), ["away", "busy"]);
});

test("a new connection begins without the kernel's absence", () => {
  const { state, names } = createState();
  state.handlePage({ paused: null });
  state.handleAway(20);
  state.handleClose(LOST, AT);
  assert.ok(state.isAway, "nothing else is known");
  state.handleOpen();
  assert.ok(!state.isAway);
  state.handlePage({ paused: null });
  assert.deepEqual(names(), ["live", "away", "reconnecting", "live"]);
});

test("a server that restarts is like a lost connection", () => {
  const { state, text } = createState();
  state.handlePage({ paused: null });
  assert.equal(state.handleClose({ code: 1012, reason: "the relay restarts" }, AT), false);
  assert.match(text(), /^Reconnecting since .*28.*…$/);
  assert.equal(state.isClosed, false, "so that it connects again soon");
});

test("a lost connection is told once with its time", () => {
  const { state, names, text } = createState();
  assert.equal(state.handleClose(LOST, AT), false);
  assert.match(text(), /^Reconnecting since .*28.*…$/);
  assert.equal(state.handleClose(LOST, new Date()), true, "nothing new: a password may be asked for");
  assert.deepEqual(names(), ["reconnecting"]);
  assert.equal(state.isClosed, false);
});

test("the end of the share is told with a reason if it has a special one", () => {
  const { state, text } = createState();
  state.handleClose({ code: 4000, reason: "sharing ended" }, AT);
  assert.match(text(), /^Sharing ended at (?!.*: the )/);
  assert.equal(state.isClosed, true);
  state.handleClose({ code: 4000, reason: "the author made a new link" }, AT);
  assert.match(text(), /: the author made a new link$/);
});

test("an end that is known stays when the server is gone", () => {
  const { state, names } = createState();
  for (const code of [4000, 1006]) state.handleClose({ code, reason: "" }, AT);
  assert.deepEqual(names(), ["ended"]);
});

test("a page that is full says so and looks again", () => {
  const { state, text } = createState();
  state.handleClose({ code: 4003, reason: "the page is full" }, AT);
  assert.equal(text(), "This page is full. It opens by itself when someone leaves.");
  assert.equal(state.isClosed, true);
});

test("a password that is asked for is told once", () => {
  const { state, names, text } = createState();
  assert.equal(state.handleClose({ code: 4006, reason: "The author set a password" }, AT), false);
  assert.equal(text(), "The author set a password");
  assert.equal(state.handleClose({ code: 4006, reason: "again" }, AT), false);
  assert.deepEqual(names(), ["locked"]);
});

test("a share that moves takes the page along", () => {
  const { state, names, text } = createState();
  const url = new URL("http://host:5007/x/");
  state.handleMoved(url);
  assert.equal(text(), "Moving to a new address…");
  assert.equal(state.newUrl, url);
  state.handleClose({ code: 4001, reason: "" }, AT);
  assert.deepEqual(names(), ["moved"]);
});

test("a share that moves where the page cannot follow says so", () => {
  const { state, names, text } = createState();
  state.handleClose({ code: 4001, reason: "" }, AT);
  assert.equal(text(), "Sharing has moved to another address. Ask the author for the new link.");
  assert.equal(state.newUrl, null);
  assert.deepEqual(names(), ["moved"]);
});

test("a saved page says from when it is", () => {
  const { name, describe } = buildSavedState(AT);
  assert.equal(name, "saved");
  assert.match(describe(), /^Saved on .*2026/);
});

test("a page that gets no websocket says so until one opens", () => {
  const { state, names, text } = createState();
  state.handleClose(LOST, AT);
  state.handleBlocked();
  assert.ok(state.handleClose(LOST, AT), "which is asked by HTTP again");
  state.handleBlocked();
  assert.match(text(), /lets no websocket through$/);
  assert.ok(state.isClosed);
  state.handlePage({ paused: null });
  assert.deepEqual(names(), ["reconnecting", "blocked", "live"]);
});

test("a page that the author closed says so and stays closed", () => {
  const { state, text } = createState();
  state.handlePage({ paused: null });
  assert.equal(state.isSentAway, false);
  assert.equal(state.handleClose({ code: 4008, reason: "the author closed this page" }, AT), false);
  assert.equal(text(), "The author closed this page");
  assert.deepEqual([state.isSentAway, state.isClosed], [true, true]);
});
