import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Presenter } from "../../../bokeh_share/server/static/presenter.mjs";
import { createDocument, createModel } from "./fakes.mjs";

beforeEach(() => Object.assign(globalThis, { innerHeight: 600 }));

function createCard(plotId, top = 0) {
  const tabs = createModel("tabs", "Tabs", { tabs: [{}, {}, {}], active: 0 });
  const section = { top, getBoundingClientRect: () => ({ top: section.top, bottom: section.top + 100 }) };
  return { plotId, section, drawing: { bokeh: createDocument(tabs) }, tabs };
}

test("only what changed is sent", (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "Date"] });
  const cards = [createCard("k1"), createCard("k2", 300), createCard("k3", 700)];
  const sent = [];
  let pointer = null;
  const presenter = new Presenter((message) => sent.push(message), () => cards, () => pointer, () => Date.now());
  presenter.start();
  presenter.start();
  const first = { in_view: ["k1", "k2"], plots: { k1: [["t0", "0"]], k2: [["t0", "0"]] }, pointer: null };
  assert.deepEqual(sent.splice(0), [{ present: first }]);
  context.mock.timers.tick(1000);
  assert.deepEqual(sent.splice(0), []);
  cards[1].tabs.active = 2;
  context.mock.timers.tick(100);
  assert.deepEqual(sent.splice(0), [{ present: { plots: { k2: [["t0", "2"]] }, pointer: null } }]);
  pointer = { plot: "k1", model: "m", x: 1, y: 2 };
  context.mock.timers.tick(300);
  assert.deepEqual(sent.splice(0), [{ present: { pointer } }]);
  cards[2].section.top = 500;
  context.mock.timers.tick(100);
  assert.deepEqual(sent.splice(0), [{ present: { in_view: ["k1", "k2", "k3"], plots: { k3: [["t0", "0"]] }, pointer } }]);
  presenter.stop();
  cards[1].tabs.active = 1;
  context.mock.timers.tick(1000);
  assert.deepEqual(sent, []);
  presenter.start();
  assert.deepEqual(Object.keys(sent[0].present.plots), ["k1", "k2", "k3"], "all of it again");
  presenter.stop();
});

test("a view that is too long for a message is sent in parts", () => {
  const cards = ["k1", "k2", "k3"].map((id) => {
    const card = createCard(id);
    const selected = createModel("selected", "Selection", { indices: Array.from({ length: 1000 }, () => 2 ** 30) });
    const sources = Array.from({ length: 3 }, (_, n) => createModel(`${n}`, "ColumnDataSource", { selected, long: "x" }));
    for (const source of sources) card.drawing.bokeh._all_models.set(source.id, source);
    for (let n = 0; n < 150; n += 1) {
      card.drawing.bokeh.roots().push(createModel(`range ${n}`, "Tabs", { tabs: [], active: "9".repeat(200) }));
    }
    return card;
  });
  const sent = [];
  let now = 0;
  const presenter = new Presenter((message) => sent.push(message), () => cards, () => null, () => now);
  for (; now <= 400; now += 100) presenter.sendChange();
  assert.equal(sent.length, 1, "the server closes a connection that sends too much");
  for (; now < 5000; now += 100) presenter.sendChange();
  assert.deepEqual(sent.map(({ present }) => Object.keys(present.plots)), [["k1"], ["k2"], ["k3"]]);
  for (const message of sent) assert(JSON.stringify(message).length < 65_536);
});

test("viewers do not begin at a plot that the author has almost left, but follow it", () => {
  const cards = [createCard("k1", -80), createCard("k2", 100), createCard("k3", 560)];
  const sent = [];
  const presenter = new Presenter((message) => sent.push(message), () => cards, () => null);
  presenter.sendChange();
  const [{ present }] = sent;
  assert.deepEqual([present.in_view, Object.keys(present.plots)], [["k2"], ["k1", "k2", "k3"]]);
});

test("a plot that is not drawn is presented when it is", () => {
  const card = createCard("k1");
  const { drawing } = card;
  card.drawing = null;
  const sent = [];
  const presenter = new Presenter((message) => sent.push(message), () => [card], () => null);
  presenter.sendChange();
  assert.deepEqual(sent.splice(0), [{ present: { in_view: ["k1"], pointer: null } }]);
  card.drawing = drawing;
  presenter.sendChange();
  assert.deepEqual(sent, [{ present: { plots: { k1: [["t0", "0"]] }, pointer: null } }]);
});
