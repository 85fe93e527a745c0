import assert from "node:assert/strict";
import test from "node:test";
import { PlotQueue } from "../../../bokeh_share/server/static/plot_queue.mjs";
import { buildPlot } from "./fakes.mjs";

/** A queue that records what it hands on; each call waits until `release` is called. */
function createQueue() {
  const handled = [];
  const waiting = [];
  const wait = () => new Promise((resolve) => waiting.push(resolve));
  const queue = new PlotQueue({
    onMessages: async (...messages) => {
      handled.push(messages.map(({ generation }) => generation).join(" "));
      await wait();
    },
    onEmpty: () => handled.push("empty"),
  });
  const release = async () => {
    waiting.shift()();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const run = (name) => queue.runExclusively(async () => {
    handled.push(name);
    await wait();
  });
  return { queue, handled, release, run };
}

const buildPatch = (generation, op = "patch") => buildPlot("a", { generation, base: generation - 1, op });

test("a message is handled at once", async () => {
  const { queue, handled, release } = createQueue();
  queue.add(buildPlot("a"));
  assert.deepEqual(handled, ["1"]);
  assert.equal(queue.hasMessages, true);
  await release();
  assert.deepEqual(handled, ["1", "empty"]);
  assert.equal(queue.hasMessages, false);
});

test("all changes that wait are handled together", async () => {
  const { queue, handled, release } = createQueue();
  queue.add(buildPlot("a"));
  for (const generation of [2, 3]) queue.add(buildPatch(generation));
  for (const generation of [4, 5]) queue.add(buildPatch(generation, "redraw"));
  queue.add(buildPatch(6));
  for (let count = 0; count < 2; count += 1) await release();
  assert.deepEqual(handled, ["1", "2 3 4 5 6", "empty"]);
});

test("a whole plot replaces the messages that wait", async () => {
  const { queue, handled, release } = createQueue();
  queue.add(buildPlot("a"));
  queue.add(buildPatch(2));
  queue.add(buildPlot("a", { generation: 3 }));
  queue.add(buildPatch(4));
  for (let count = 0; count < 3; count += 1) await release();
  assert.deepEqual(handled, ["1", "3", "4", "empty"]);
});

test("at most two hundred messages wait", async () => {
  const { queue, handled, release } = createQueue();
  queue.add(buildPlot("a"));
  for (let generation = 2; generation <= 251; generation += 1) queue.add(buildPatch(generation));
  await release();
  assert.equal(handled[1].split(" ").length, 50);
  assert.equal(handled[1].startsWith("202 "), true, "the page notices that those before are missing");
  await release();
});

test("changes that wait take a bounded number of bytes", async () => {
  const { queue, handled, release } = createQueue();
  queue.add(buildPlot("a"));
  const add = (generation, byteLength) => queue.add({ ...buildPatch(generation), byteLength });
  for (const generation of [2, 3, 4]) add(generation, 20_000_000);
  await release();
  assert.equal(handled[1], "4", "the page notices that those before are missing");
  add(5, 90_000_000);
  await release();
  assert.equal(handled[2], "5", "a single change may have any length");
  await release();
});

test("a whole plot that waits is kept however long it is", async () => {
  const { queue, handled, release } = createQueue();
  queue.add(buildPlot("a"));
  queue.add(buildPlot("a", { generation: 3, byteLength: 90_000_000 }));
  queue.add(buildPatch(4));
  for (let count = 0; count < 3; count += 1) await release();
  assert.deepEqual(handled, ["1", "3", "4", "empty"]);
});

test("messages wait for a task and a task waits for the message that is being handled", async () => {
  const { queue, handled, release, run } = createQueue();
  queue.add(buildPlot("a"));
  queue.add(buildPatch(2));
  let hasEnded = false;
  run("task").then(() => { hasEnded = true; });
  assert.deepEqual(handled, ["1"]);
  await release();
  assert.deepEqual(handled, ["1", "task"]);
  assert.equal(hasEnded, false);
  await release();
  assert.deepEqual([handled, hasEnded], [["1", "task", "2"], true]);
});

test("a task alone leaves no message", async () => {
  const { queue, release, run } = createQueue();
  run("task");
  assert.equal(queue.hasMessages, false);
  queue.add(buildPatch(2));
  assert.equal(queue.hasMessages, true);
  queue.clear();
  assert.equal(queue.hasMessages, false);
  await release();
});

test("a task that fails does not stop the messages", async () => {
  const { queue, handled, release } = createQueue();
  const failing = queue.runExclusively(async () => { throw new Error("broken"); });
  queue.add(buildPatch(2));
  await assert.rejects(failing, /broken/);
  await new Promise((resolve) => setImmediate(resolve));
  await release();
  assert.deepEqual(handled, ["2", "empty"]);
});
