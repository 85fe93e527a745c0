import assert from "node:assert/strict";
import test from "node:test";
import { Heartbeat } from "../../../bokeh_share/server/static/heartbeat.mjs";

test("without heartbeats no silence is too long", () => {
  const heartbeat = new Heartbeat(0);
  assert.equal(heartbeat.isOverdue(1e9, false), false);
  heartbeat.setInterval(null);
  assert.equal(heartbeat.isOverdue(1e9, false), false);
});

test("two and a half intervals of silence are too long", () => {
  const heartbeat = new Heartbeat(0);
  heartbeat.setInterval(20);
  heartbeat.recordMessage(1000);
  assert.equal(heartbeat.isOverdue(50_999, false), false);
  assert.equal(heartbeat.isOverdue(51_000, false), true);
});

test("while a plot is expected the silence may last five times as long", () => {
  const heartbeat = new Heartbeat(0);
  heartbeat.setInterval(20);
  assert.equal(heartbeat.isOverdue(249_999, true), false);
  assert.equal(heartbeat.isOverdue(250_000, true), true);
});
