import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Follower } from "../../../bokeh_share/server/static/follower.mjs";
import { PresentedView } from "../../../bokeh_share/server/static/presented_view.mjs";
import { createDocument, createModel } from "./fakes.mjs";

const scrolled = [];

beforeEach(() => {
  scrolled.length = 0;
  Object.assign(globalThis, { scrollY: 77, innerHeight: 800, scrollTo: ({ top }) => scrolled.push(top) });
});

function createCard(plotId) {
  const range = (id, end) => Object.assign(createModel(id, "Range1d", { start: 0, end }), {
    have_updated_interactively: false, _reset_start: 0, _reset_end: end, bounds: null, min_interval: null,
    max_interval: null,
  });
  const scale = createModel("scale", "LinearScale");
  const [x, y] = [range("x", 10), range("y", 10)];
  const figure = createModel("figure", "Figure", {
    x_range: x, y_range: y, x_scale: scale, y_scale: scale, toolbar: null,
    extra_x_ranges: {}, extra_y_ranges: {}, extra_x_scales: {}, extra_y_scales: {},
  });
  const reset = () => { for (const each of [x, y]) Object.assign(each, { start: 0, end: 10, have_updated_interactively: false }); };
  const bokeh = { ...createDocument(figure), views_manager: { query: () => [{ reset_range: reset }] } };
  const rect = { top: 0, bottom: 400 };
  const section = { scrollIntoView: () => scrolled.push(plotId), getBoundingClientRect: () => rect };
  return { plotId, section, drawing: { bokeh }, x, rect };
}

function createPage(...ids) {
  const cards = ids.map(createCard);
  const view = new PresentedView();
  const states = [];
  const follower = new Follower(view, () => cards, (state) => states.push(state));
  const present = (plots, inView = null, isWhole = true, pointer = null) => {
    const fields = Object.fromEntries(Object.entries(plots).map(([id, text]) => [id, [["r0", text]]]));
    view.apply({ kind: "present", presenting: true, whole: isWhole, in_view: inView, plots: fields, pointer });
    follower.handleView();
  };
  const end = () => {
    view.apply({ kind: "present", presenting: false });
    follower.handleView();
  };
  const suspend = (isSuspended) => {
    view.isSuspended = isSuspended;
    follower.handleView();
  };
  return { cards, follower, states, present, end, suspend };
}

const shown = ({ x }) => [x.start, x.end];

test("a viewer follows from the beginning, and has their own view again at the end", () => {
  const { cards: [card], states, present, end } = createPage("k1");
  Object.assign(card.x, { start: 4, end: 5, have_updated_interactively: true });
  present({ k1: "1,2" }, ["k1"]);
  assert.deepEqual([shown(card), scrolled], [[1, 2], ["k1"]]);
  present({ k1: "2,3" }, null, false);
  assert.deepEqual([shown(card), scrolled], [[2, 3], ["k1"]]);
  end();
  assert.deepEqual([shown(card), scrolled], [[4, 5], ["k1", 77]]);
  assert.deepEqual(states, ["following", "none"]);
});

test("one who touches the page looks around, and returns by one tap", () => {
  const { cards: [card], follower, states, present, end } = createPage("k1");
  present({ k1: "1,2" });
  follower.leave();
  follower.leave();
  Object.assign(card.x, { start: 7, end: 8, have_updated_interactively: true });
  present({ k1: "2,3" }, null, false);
  assert.deepEqual(shown(card), [7, 8]);
  follower.follow();
  assert.deepEqual(shown(card), [2, 3]);
  end();
  assert.deepEqual(shown(card), [7, 8], "the view from before they returned");
  assert.deepEqual(states, ["following", "away", "following", "none"]);
});

test("one who looks around at the end keeps what they changed, and has the rest as before", () => {
  const { cards: [card, other], follower, present, end } = createPage("k1", "k2");
  present({ k1: "1,2", k2: "1,2" });
  follower.leave();
  Object.assign(card.x, { start: 7, end: 8, have_updated_interactively: true });
  end();
  assert.deepEqual([shown(card), shown(other), scrolled], [[7, 8], [0, 10], []]);
});

test("a touch by mistake does not take their own zoom away", () => {
  const { cards: [card], follower, present, end } = createPage("k1");
  Object.assign(card.x, { start: 4, end: 5, have_updated_interactively: true });
  present({ k1: "1,2" }, ["k1"]);
  follower.leave();
  follower.follow();
  end();
  assert.deepEqual([shown(card), scrolled.at(-1)], [[4, 5], 77]);
});

test("the plot below the author's pointer is scrolled to if it is not in the window", () => {
  const { cards: [, second], present } = createPage("k1", "k2");
  const point = () => present({}, null, false, { plot: "k2", model: "m", x: 1, y: 2 });
  present({}, ["k1", "k2"]);
  point();
  assert.deepEqual(scrolled.splice(0), ["k1"]);
  Object.assign(second.rect, { top: 700, bottom: 1100 });
  point();
  assert.deepEqual(scrolled, ["k2"]);
});

test("while the kernel is away nobody follows, and afterwards all do again", () => {
  const { cards: [card], follower, states, present, suspend } = createPage("k1");
  present({ k1: "1,2" }, ["k1"]);
  suspend(true);
  assert.deepEqual([shown(card), scrolled.at(-1)], [[0, 10], 77]);
  follower.follow();
  present({ k1: "2,3" }, null, false);
  assert.deepEqual([shown(card), states], [[0, 10], ["following", "none"]], "also one who comes meanwhile");
  suspend(false);
  assert.deepEqual([shown(card), states.at(-1)], [[2, 3], "following"]);
});

test("one who looks around while the kernel goes and comes is not led back", () => {
  const { cards: [card], follower, states, present, end, suspend } = createPage("k1");
  present({ k1: "1,2" });
  follower.leave();
  suspend(true);
  Object.assign(card.x, { start: 7, end: 8, have_updated_interactively: true });
  suspend(false);
  assert.deepEqual([shown(card), states], [[7, 8], ["following", "away"]]);
  suspend(true);
  end();
  suspend(false);
  assert.deepEqual([shown(card), states.at(-1)], [[7, 8], "none"], "it has ended meanwhile");
});

test("points that the viewer selected are selected again at the end", () => {
  const { cards: [card], follower, present, end } = createPage("k1");
  const selected = createModel("selected", "Selection", { indices: [5, 6] });
  card.drawing.bokeh._all_models.set("source", createModel("source", "ColumnDataSource", { selected }));
  present({ k1: "1,2" });
  selected.setv({ indices: [1] });
  follower.update();
  end();
  assert.deepEqual(selected.indices, [5, 6]);
});

test("plots that are drawn later, or anew, show the author's view", () => {
  const { cards, follower, present } = createPage("k1");
  const [card] = cards;
  const { drawing } = card;
  card.drawing = null;
  present({ k1: "1,2" });
  card.drawing = drawing;
  follower.update();
  assert.deepEqual(shown(card), [1, 2]);
  const again = createCard("k1");
  cards[0] = again;
  follower.update();
  assert.deepEqual(shown(again), [1, 2]);
  Object.assign(again.x, { start: 0, end: 9 });
  follower.update();
  assert.deepEqual(shown(again), [0, 9], "it is set once for each change");
});

test("without a presentation there is nothing to follow", () => {
  const { follower, states } = createPage("k1");
  follower.follow();
  follower.leave();
  follower.update();
  assert.deepEqual(states, []);
});
