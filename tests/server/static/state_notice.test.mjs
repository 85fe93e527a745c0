import assert from "node:assert/strict";
import test from "node:test";
import { describeNotice } from "../../../bokeh_share/server/static/state_notice.mjs";
import { CONNECTING, ShareState, buildSavedState } from "../../../bokeh_share/server/static/states.mjs";

const AT = new Date(2026, 10, 28, 9, 30);
const EMPTY = { title: "There are no plots yet.", next: "They come." };
const LOST = { code: 1006, reason: "" };

/** The notice after these steps. */
function describe(...steps) {
  let shown = CONNECTING;
  const state = new ShareState((each) => { shown = each; });
  for (const step of steps) step(state);
  return describeNotice(shown, EMPTY);
}

const lose = (state) => state.handleClose(LOST, AT);

test("each state has a sentence and what happens next", () => {
  const close = (code) => describe((state) => state.handleClose({ code, reason: "" }, AT));
  assert.equal(describe().title, "Connecting…");
  assert.equal(describe(lose).title, "The author’s computer does not answer.");
  assert.equal(close(4003).title, "This page is full.");
  assert.match(close(4000).title, /^Sharing ended at .*\.$/);
  assert.equal(close(4000).next, "This page opens by itself when they share again.");
  assert.equal(close(4006).title, "This page needs a password.");
  assert.deepEqual(close(4001), {
    title: "Sharing has moved to another address.", next: "Ask the author for the new link.",
  });
  const blocked = describe(lose, (state) => state.handleBlocked());
  assert.match(blocked.title, /lets no websocket through\.$/);
  for (const { next } of [describe(), describe(lose), close(4003), close(4006), blocked]) assert.match(next, /\.$/);
});

test("a share that runs says that it has nothing yet", () => {
  const page = (paused) => (state) => state.handlePage({ paused });
  assert.deepEqual(describe(page(null)), EMPTY);
  assert.deepEqual(describe(page(null), (state) => state.handleBusy(5)), EMPTY);
  const { title, next } = describe(page(AT.getTime()));
  assert.equal(title, EMPTY.title);
  assert.match(next, /^The author paused this page at .*\.$/);
  const away = describe(page(AT.getTime()), (state) => state.handleAway(20));
  assert.match(away.title, /^The author’s notebook is away since .*\.$/);
  assert.equal(away.next, "This page goes on by itself when it is back.");
  assert.deepEqual(describeNotice(buildSavedState(AT), EMPTY), EMPTY);
});
