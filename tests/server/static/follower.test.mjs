import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Follower } from "../../../bokeh_share/server/static/follower.mjs";
import { PresentedView } from "../../../bokeh_share/server/static/presented_view.mjs";
import { createDocument, createModel } from "./fakes.mjs";

const scrolled = [];

beforeEach(() => {
  scrolled.length = 0;
  Object.assign(globalThis, { scrollY: 77, scrollTo: ({ top }) => scrolled.push(top) });
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
  const section = { scrollIntoView: () => scrolled.push(plotId) };
  return { plotId, section, drawing: { bokeh }, x };
}

function createPage(...ids) {
  const cards = ids.map(createCard);
  const view = new PresentedView();
  const states = [];
  const follower = new Follower(view, () => cards, (state) => states.push(state));
  const present = (plots, inView = null, isWhole = true) => {
    const fields = Object.fromEntries(Object.entries(plots).map(([id, text]) => [id, [["r0", text]]]));
    view.apply({ kind: "present", presenting: true, whole: isWhole, in_view: inView, plots: fields, pointer: null });
    follower.handleView();
  };
  const end = () => {
    view.apply({ kind: "present", presenting: false });
    follower.handleView();
  };
  return { cards, follower, states, present, end };
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

test("one who looks around at the end stays where they are", () => {
  const { cards: [card], follower, present, end } = createPage("k1");
  present({ k1: "1,2" });
  follower.leave();
  end();
  assert.deepEqual([shown(card), scrolled], [[1, 2], []]);
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
