import assert from "node:assert/strict";
import test from "node:test";
import { PlotProgress } from "../../../bokeh_share/server/static/plot_progress.mjs";
import { PlotUpdater, classifyError, describeFailure } from "../../../bokeh_share/server/static/plot_updater.mjs";
import { buildPlot } from "./fakes.mjs";

test("a failure has a code for the author and a sentence for the viewer", () => {
  const failures = {
    "could not resolve type 'Loud'": ["type", "BokehJS does not know one of its models"],
    "bokeh-gl.min.js could not be loaded": ["loading", "bokeh-gl.min.js could not be loaded"],
    "x is not a function": ["drawing", "x is not a function"],
  };
  for (const [text, [code, words]] of Object.entries(failures)) {
    assert.equal(classifyError(new Error(text)), code);
    assert.equal(describeFailure(new Error(text)), `This plot could not be drawn: ${words}`);
  }
});

test("anything may be thrown", () => {
  for (const thrown of [null, undefined, "text", { message: 7 }]) assert.equal(classifyError(thrown), "drawing");
});

/** A card whose drawing is patched by `patch`. */
function createCard(patch) {
  const progress = new PlotProgress();
  progress.announce({ changed: 1, generation: 1 }, 1);
  progress.recordReceived(buildPlot("a"));
  const failures = [];
  return {
    progress, failures, drawing: { update: patch }, markDrawn: () => {}, updateOverflow: () => {},
    showFailure: (text) => failures.push(text),
  };
}

const PATCH = buildPlot("a", { generation: 2, base: 1, op: "patch", parts: [] });
const fail = async () => { throw new Error("half-way"); };
const bokeh = { load: async () => {} };

function createReplies(isOpen = true) {
  const sent = [];
  return { isOpen, sent, send: (message) => sent.push(message) };
}

test("a patch that is drawn says whether it is another change", async () => {
  const card = createCard(async () => {});
  const updater = new PlotUpdater(bokeh, createReplies());
  assert.equal(await updater.update(card, PATCH), false);
  card.progress.announce({ changed: 3, generation: 3 }, 3);
  assert.equal(await updater.update(card, { ...PATCH, generation: 3, base: 2 }), true);
});

test("changes of which one needs a new drawing are drawn together", async () => {
  const card = createCard(fail);
  const drawn = [];
  card.drawing.redraw = async (messages) => { drawn.push(messages.map(({ generation }) => generation)); };
  card.swapDrawing = () => {};
  const updater = new PlotUpdater(bokeh, createReplies(), { take: async () => () => {} });
  const changes = [PATCH, { ...PATCH, generation: 3, base: 2, op: "redraw" }, { ...PATCH, generation: 4, base: 3 }];
  card.progress.announce({ changed: 4, generation: 4 }, 4);
  assert.equal(await updater.update(card, ...changes), true);
  assert.deepEqual(drawn, [[2, 3, 4]]);
  assert.deepEqual([card.progress.hasGeneration("one", 4), card.progress.isBehind], [true, false]);
});

/** A card whose plot is not drawn yet. */
function createUndrawnCard() {
  const card = { ...createCard(async () => {}), progress: new PlotProgress(), drawing: null, undrawn: null };
  card.progress.announce({ changed: 1, generation: 1 }, 1);
  return card;
}

const MODEL = { type: "object", name: "Title", id: "t", attributes: { text: "one" } };
const WHOLE = buildPlot("a", { parts: [], defs: [], buffers: new Map(), patch: { events: [{ kind: "RootAdded", model: MODEL }] } });

/** A change of the text of `MODEL`. */
function buildTextPatch(generation, text) {
  const events = [{ kind: "ModelChanged", model: { id: "t" }, attr: "text", new: text }];
  return { ...PATCH, defs: [], buffers: new Map(), generation, base: generation - 1, patch: { events } };
}

test("a plot that is not drawn is kept up to date without loading or drawing anything", async () => {
  const card = createUndrawnCard();
  const replies = createReplies();
  const updater = new PlotUpdater({ load: fail }, replies);
  assert.equal(await updater.update(card, WHOLE), true);
  card.progress.announce({ changed: 3, generation: 3 }, 3);
  assert.equal(await updater.update(card, buildTextPatch(2, "two"), buildTextPatch(3, "three")), true);
  const { patch, generation } = card.undrawn.buildMessage();
  assert.deepEqual([generation, patch.events[0].model.attributes.text], [3, "three"]);
  assert.equal(card.progress.isBehind, false);
  assert.deepEqual(replies.sent, []);
});

test("a change of an undrawn plot that is not here is asked for whole", async (t) => {
  t.mock.method(console, "warn", () => {});
  const card = createUndrawnCard();
  const replies = createReplies();
  const updater = new PlotUpdater(bokeh, replies);
  await updater.update(card, buildTextPatch(2, "two"));
  assert.deepEqual(replies.sent, [{ resend: "a" }]);
  assert.equal(await updater.update(card, buildTextPatch(3, "three")), false, "it waits for the whole plot");
  await updater.update(card, { ...WHOLE, generation: 3 });
  assert.equal(card.progress.hasGeneration("one", 3), true);
  assert.equal(replies.sent.length, 1);
});

test("a part of BokehJS that cannot be loaded is a failure of the plot", async (t) => {
  t.mock.method(console, "warn", () => {});
  const card = createUndrawnCard();
  const replies = createReplies();
  const updater = new PlotUpdater({ load: fail }, replies);
  await updater.update(card, WHOLE);
  assert.equal(await updater.loadParts(card), false);
  assert.equal(card.undrawn.hasFailed, true);
  assert.deepEqual(replies.sent, [{ resend: "a" }]);
  await updater.update(card, WHOLE);
  assert.equal(card.undrawn.hasFailed, false, "it is tried again");
  await updater.loadParts(card);
  assert.deepEqual(replies.sent.slice(1), [{ failed_plot: "a", generation: 1, reason: "drawing" }]);
  assert.deepEqual(card.failures, ["This plot could not be drawn: half-way"]);
  assert.equal(card.progress.isBehind, false, "its state is here");
});

test("a plot that was asked for again is missing until it comes, so that a new connection brings it", async (t) => {
  t.mock.method(console, "warn", () => {});
  const card = createUndrawnCard();
  const updater = new PlotUpdater({ load: fail }, createReplies());
  await updater.update(card, WHOLE);
  await updater.loadParts(card);
  assert.equal(card.progress.isBehind, true);
  await updater.update(card, WHOLE);
  assert.equal(card.progress.isBehind, false);
});

test("a plot that is replaced while its parts are loaded has not failed", async () => {
  const card = createUndrawnCard();
  const replies = createReplies();
  const updater = new PlotUpdater({ load: fail }, replies);
  await updater.update(card, WHOLE);
  const loading = updater.loadParts(card);
  await updater.update(card, { ...WHOLE, generation: 2 });
  assert.equal(await loading, false);
  assert.equal(card.undrawn.hasFailed, false);
  assert.deepEqual([replies.sent, card.failures], [[], []]);
});

test("a plot that could not be drawn without a connection comes again with the next one", async (t) => {
  t.mock.method(console, "warn", () => {});
  const card = createUndrawnCard();
  const updater = new PlotUpdater({ load: fail }, createReplies(false));
  await updater.update(card, WHOLE);
  await updater.loadParts(card);
  assert.equal(card.progress.isBehind, true);
});

test("a plot that failed is asked for again and then reported", async (t) => {
  t.mock.method(console, "warn", () => {});
  const card = createCard(fail);
  const replies = createReplies();
  const updater = new PlotUpdater(bokeh, replies);
  await updater.update(card, PATCH);
  assert.deepEqual(replies.sent, [{ resend: "a" }]);
  assert.deepEqual(card.failures, []);
  await new PlotUpdater({ load: fail }, replies).update(card, { ...PATCH, base: null, op: "replace" });
  assert.deepEqual(replies.sent.slice(1), [{ failed_plot: "a", generation: 2, reason: "drawing" }]);
  assert.deepEqual(card.failures, ["This plot could not be drawn: half-way"]);
});

test("while there is no connection nothing is asked for", async (t) => {
  t.mock.method(console, "warn", () => {});
  const card = createCard(fail);
  const replies = createReplies(false);
  await new PlotUpdater(bokeh, replies).update(card, PATCH);
  assert.deepEqual([replies.sent, card.failures], [[], []]);
  assert.equal(card.progress.canRequest(PATCH), true);
});

test("what failed without a connection is asked for once when there is one", async (t) => {
  t.mock.method(console, "warn", () => {});
  const card = { ...createCard(fail), plotId: "a" };
  const replies = createReplies(false);
  const updater = new PlotUpdater(bokeh, replies);
  updater.requestFailed(card);
  await updater.update(card, PATCH);
  assert.deepEqual(replies.sent, []);
  replies.isOpen = true;
  updater.requestFailed(card);
  updater.requestFailed(card);
  assert.deepEqual(replies.sent, [{ resend: "a" }]);
  await new PlotUpdater({ load: fail }, replies).update(card, { ...PATCH, base: null, op: "replace" });
  assert.deepEqual(replies.sent.slice(1), [{ failed_plot: "a", generation: 2, reason: "drawing" }]);
});

test("on a saved page a failure is shown at once", async (t) => {
  t.mock.method(console, "warn", () => {});
  const card = createCard(fail);
  await new PlotUpdater(bokeh, null).update(card, PATCH);
  assert.equal(card.failures.length, 1);
});

test("a patch for a generation that is not here is asked for whole", async (t) => {
  t.mock.method(console, "warn", () => {});
  const replies = createReplies();
  await new PlotUpdater(bokeh, replies).update(createCard(async () => {}), { ...PATCH, generation: 9, base: 8 });
  assert.deepEqual(replies.sent, [{ resend: "a" }]);
});
