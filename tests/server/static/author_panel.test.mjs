import assert from "node:assert/strict";
import { test } from "node:test";
import { describePointed, describeViewer } from "../../../bokeh_share/server/static/author_panel.mjs";

const NOW = new Date(2026, 4, 5, 16, 0);
const AUDIENCES = new Map([["10.0.0.1:5006", "this network"]]);
const VIEWER = { viewer: 1, since: new Date(2026, 4, 5, 15, 30).getTime(), host: "10.0.0.1:5006", slow: false, app: false };

test("a viewer is described by the time, the link and the connection", () => {
  assert.match(describeViewer(VIEWER, AUDIENCES, NOW), /^since .*30.* · this network$/);
  assert.match(describeViewer({ ...VIEWER, slow: true, app: true }, AUDIENCES, NOW), / · an app · slow connection$/);
  assert.match(describeViewer({ ...VIEWER, host: "desk:5006" }, AUDIENCES, NOW), / · desk:5006$/);
});

test("one who came on another day has the day", () => {
  const yesterday = { ...VIEWER, since: new Date(2026, 4, 4, 15, 30).getTime() };
  assert.match(describeViewer(yesterday, AUDIENCES, NOW), /2026|26/);
});

test("what a viewer shows is said with the name that they typed, and the plot", () => {
  assert.equal(describePointed({ name: "<b>Zoë</b>", indices: [1, 2] }, "Sales"), "<b>Zoë</b>: 2 points of Sales");
  assert.equal(describePointed({ name: "", indices: [1] }, "Sales"), "A viewer: 1 point of Sales");
  assert.equal(describePointed({ name: "", indices: [] }, ""), "A viewer: a part of a plot");
});
