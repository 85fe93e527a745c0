import assert from "node:assert/strict";
import test from "node:test";
import { PlotProgress } from "../../../bokeh_share/server/static/plot_progress.mjs";
import { buildPlot } from "./fakes.mjs";

/** The progress of a plot that was announced and drawn. */
function createDrawn() {
  const progress = new PlotProgress();
  progress.announce({ changed: 1, generation: 1 }, 1);
  progress.recordReceived(buildPlot("a"));
  return progress;
}

test("a plot that was announced is behind until it is drawn", () => {
  const progress = new PlotProgress();
  progress.announce({ changed: 1, generation: 1 }, 1);
  assert.equal(progress.isBehind, true);
  assert.equal(progress.hasArrived, false);
  assert.equal(progress.recordReceived(buildPlot("a")), true);
  assert.equal(progress.isBehind, false);
  assert.equal(progress.hasArrived, true);
  assert.equal(progress.hasGeneration("one", 1), true);
  assert.equal(progress.hasGeneration("two", 1), false);
});

test("a plot that was received counts as there before it is drawn", () => {
  const progress = new PlotProgress();
  progress.announce({ changed: 1, generation: 1 }, 1);
  assert.equal(progress.recordReceived(buildPlot("a")), true);
  assert.equal(progress.isBehind, false);
  assert.equal(progress.hasArrived, true);
  assert.equal(progress.hasGeneration("one", 1), true);
});

test("a change that comes while the plot is drawn for the first time is still missing then", () => {
  const progress = new PlotProgress();
  progress.announce({ changed: 1, generation: 1 }, 1);
  progress.recordReceived(buildPlot("a"));
  progress.announce({ changed: 2, generation: 2 }, 2);
  assert.equal(progress.isBehind, true);
  assert.equal(progress.recordReceived(buildPlot("a", { generation: 2, version: 2 })), true);
});

test("a change that is announced is missing until it comes", () => {
  const progress = createDrawn();
  progress.announce({ changed: 2, generation: 2 }, 2);
  assert.equal(progress.isBehind, true);
  progress.recordReceived(buildPlot("a", { generation: 2, version: 2 }));
  assert.equal(progress.isBehind, false);
});

test("a page message that says the same leaves the plot complete", () => {
  const progress = createDrawn();
  progress.announce({ changed: 1, generation: 1 }, 2);
  assert.equal(progress.isBehind, false);
});

test("a generation that is older than the announced one is not all", () => {
  const progress = createDrawn();
  progress.announce({ changed: 3, generation: 3 }, 3);
  progress.recordReceived(buildPlot("a", { generation: 2, version: 2 }));
  assert.equal(progress.isBehind, true);
});

test("the same change drawn again is no new one", () => {
  assert.equal(createDrawn().recordReceived(buildPlot("a")), false);
});

test("a new epoch has everything come again", () => {
  const progress = createDrawn();
  progress.startEpoch("two");
  assert.equal(progress.isBehind, true);
  assert.equal(progress.hasArrived, false);
});

test("a message that was being drawn when a new epoch began does not count in it", () => {
  const former = buildPlot("a", { generation: 9, version: 9 });
  const progress = createDrawn();
  progress.startEpoch("two");
  progress.announce({ changed: 2, generation: 1 }, 1);
  progress.recordFailure(former);
  assert.equal(progress.recordReceived(former), false);
  assert.equal(progress.isBehind, true);
  assert.equal(progress.hasArrived, false);
  assert.equal(progress.recordReceived(buildPlot("a", { epoch: "two" })), true);
  assert.equal(progress.isBehind, false);
});

test("a drawing that failed counts as no generation", () => {
  const progress = createDrawn();
  progress.recordFailure(buildPlot("a", { generation: 2, version: 2 }));
  assert.equal(progress.hasGeneration("one", 1), false);
  assert.equal(progress.isBehind, true);
});

test("a state is asked for again once", () => {
  const progress = createDrawn();
  const failed = buildPlot("a", { generation: 2, base: 1 });
  assert.equal(progress.canRequest(failed), true);
  progress.recordRequest(failed);
  assert.equal(progress.canRequest(failed), false);
  assert.equal(progress.canRequest(buildPlot("a", { generation: 3, base: 2 })), true);
});

test("until the whole plot comes patches are skipped", () => {
  const progress = createDrawn();
  progress.recordRequest(buildPlot("a", { generation: 2 }));
  assert.equal(progress.accept(buildPlot("a", { generation: 3, base: 2 })), false);
  assert.equal(progress.accept(buildPlot("a", { generation: 3, base: null })), true);
  assert.equal(progress.accept(buildPlot("a", { generation: 4, base: 3 })), true);
});

test("a new connection does not bring what was asked for on the former one", () => {
  const progress = createDrawn();
  progress.recordRequest(buildPlot("a", { generation: 2 }));
  progress.forgetRequest();
  assert.equal(progress.accept(buildPlot("a", { generation: 3, base: 2 })), true);
});

test("a state that failed has arrived and is named until another one comes", () => {
  const progress = createDrawn();
  progress.announce({ changed: 2, generation: 2 }, 2);
  assert.equal(progress.isAwaited, true);
  progress.recordFailure(buildPlot("a", { generation: 2, version: 2 }));
  assert.deepEqual(progress.failed, { epoch: "one", generation: 2 });
  assert.deepEqual([progress.isAwaited, progress.isBehind], [false, true]);
  progress.recordReceived(buildPlot("a", { generation: 2, version: 2 }));
  assert.deepEqual([progress.failed, progress.isBehind], [null, false]);
  progress.recordFailure(buildPlot("a", { generation: 3, version: 3 }));
  progress.startEpoch("two");
  assert.deepEqual([progress.failed, progress.isAwaited], [null, true]);
});
