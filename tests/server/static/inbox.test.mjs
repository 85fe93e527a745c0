import assert from "node:assert/strict";
import test from "node:test";
import { Inbox } from "../../../bokeh_share/server/static/inbox.mjs";
import { buildPage, buildPlot } from "./fakes.mjs";

/** An inbox that records what it hands on; each plot waits until `release` is called. */
function createInbox() {
  const handled = [];
  const waiting = [];
  const inbox = new Inbox({
    onPage: ({ version }) => handled.push(`page ${version}`),
    onPlot: async ({ plot, generation }) => {
      handled.push(`${plot} ${generation}`);
      await new Promise((resolve) => waiting.push(resolve));
    },
    onEmpty: () => handled.push("empty"),
  });
  const release = async () => {
    waiting.shift()();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { inbox, handled, release };
}

test("a page message is applied at once", () => {
  const { inbox, handled } = createInbox();
  inbox.add(buildPage([]));
  inbox.process();
  assert.deepEqual(handled, ["page 1", "empty"]);
  assert.equal(inbox.isProcessing, false);
});

test("plots are drawn one after the other", async () => {
  const { inbox, handled, release } = createInbox();
  for (const plot of ["a", "b"]) inbox.add(buildPlot(plot));
  inbox.process();
  assert.deepEqual(handled, ["a 1"]);
  assert.equal(inbox.isProcessing, true);
  await release();
  assert.deepEqual(handled, ["a 1", "b 1"]);
  await release();
  assert.deepEqual(handled, ["a 1", "b 1", "empty"]);
});

test("a message that comes meanwhile is handled by the same run", async () => {
  const { inbox, handled, release } = createInbox();
  inbox.add(buildPlot("a"));
  inbox.process();
  inbox.add(buildPlot("b"));
  inbox.process();
  await release();
  await release();
  assert.deepEqual(handled, ["a 1", "b 1", "empty"]);
});

test("a page message goes before the plots and drops those that it does not list", async () => {
  const { inbox, handled, release } = createInbox();
  for (const plot of ["a", "b", "c"]) inbox.add(buildPlot(plot));
  inbox.add(buildPage(["a", "c"], { version: 2 }));
  inbox.process();
  await release();
  await release();
  assert.deepEqual(handled, ["page 2", "a 1", "c 1", "empty"]);
});

test("a page message of another epoch drops all plots and the former page", () => {
  const { inbox, handled } = createInbox();
  inbox.add(buildPage(["a"]));
  inbox.add(buildPlot("a"));
  inbox.add(buildPage(["a"], { epoch: "two", version: 2 }));
  inbox.process();
  assert.deepEqual(handled, ["page 2", "empty"]);
});

test("a whole plot replaces the messages about it that were not handled yet", async () => {
  const { inbox, handled, release } = createInbox();
  inbox.add(buildPlot("a", { generation: 2, base: 1 }));
  inbox.add(buildPlot("b"));
  inbox.add(buildPlot("a", { generation: 3 }));
  inbox.process();
  await release();
  await release();
  assert.deepEqual(handled, ["b 1", "a 3", "empty"]);
});

test("a patch is queued after the messages that it builds on", async () => {
  const { inbox, handled, release } = createInbox();
  inbox.add(buildPlot("a"));
  inbox.add(buildPlot("a", { generation: 2, base: 1 }));
  inbox.process();
  await release();
  await release();
  assert.deepEqual(handled, ["a 1", "a 2", "empty"]);
});

test("a message that cannot be handled does not stop those after it", async () => {
  const handled = [];
  const inbox = new Inbox({
    onPage: () => { throw new Error("broken"); },
    onPlot: async ({ plot }) => { handled.push(plot); },
    onEmpty: () => handled.push("empty"),
  });
  inbox.add(buildPlot("a"));
  inbox.add(buildPage(["a"]));
  await assert.rejects(inbox.process(), /broken/);
  await inbox.process();
  assert.deepEqual(handled, ["a", "empty"]);
});
