import assert from "node:assert/strict";
import test from "node:test";
import { ModelStore } from "../../../bokeh_share/server/static/model_store.mjs";

const columns = (...entries) => ({ type: "map", entries });
const object = (id, attributes = {}) => ({ type: "object", name: "Model", id, attributes });
const change = (id, attr, value) => ({ events: [{ kind: "ModelChanged", model: { id }, attr, new: value }] });

/** A store with a figure, its title, and a source with columns in an array. */
function createStore() {
  const store = new ModelStore();
  const model = object("p", {
    title: object("t", { text: "before" }),
    renderers: [{ source: object("s", { data: columns(["x", { id: "a0" }]) }) }],
    above: [{ id: "t" }],
  });
  store.applyPatch({ events: [{ kind: "RootAdded", model }] }, new Map([["a0", new ArrayBuffer(8)]]));
  return store;
}

const readRoot = (store, ...args) => store.buildPatch(...args)[0].events[0].model;

test("a plot that was stored is built as it came with each model once", () => {
  const model = readRoot(createStore());
  assert.equal(model.attributes.title.attributes.text, "before");
  assert.deepEqual(model.attributes.above, [{ id: "t" }]);
  assert.equal(model.attributes.renderers[0].source.id, "s");
});

test("a change of a property is stored", () => {
  const store = createStore();
  assert.deepEqual(store.applyPatch(change("t", "text", "after"), new Map()), []);
  assert.equal(readRoot(store).attributes.title.attributes.text, "after");
});

test("changes of columns are returned and not stored", () => {
  const store = createStore();
  const events = [
    { kind: "ColumnsStreamed", model: { id: "s" }, data: columns(), rollover: null },
    ...change("s", "data", columns(["x", [1]])).events,
  ];
  assert.deepEqual(store.applyPatch({ events }, new Map()), events);
});

test("of several patches only changes of columns that BokehJS has are returned", () => {
  const store = createStore();
  store.releaseColumns();
  const stream = (id, rows) => ({ kind: "ColumnsStreamed", model: { id }, data: columns(["x", rows]), rollover: null });
  const patches = [
    { events: [stream("s", [1]), ...change("p", "renderers", [{ source: object("n", { data: columns(["x", [5]]) }) }]).events] },
    { events: [stream("n", [6])] },
    { events: [stream("n", [7]), stream("s", [2])] },
  ];
  const changes = store.applyPatches(patches.map((patch) => ({ patch, buffers: new Map() })));
  assert.deepEqual(changes, [stream("s", [1]), stream("s", [2])]);
  const [{ source }] = readRoot(store).attributes.renderers;
  assert.deepEqual(source.attributes.data, columns(["x", [5, 6, 7]]));
});

test("changes of columns count no longer once a later patch brings the source again", () => {
  const store = createStore();
  store.releaseColumns();
  const stream = { kind: "ColumnsStreamed", model: { id: "s" }, data: columns(["x", [1]]), rollover: null };
  const again = change("p", "renderers", [{ source: object("s", { data: columns(["x", [9]]) }) }]);
  const messages = [{ events: [stream] }, again].map((patch) => ({ patch, buffers: new Map() }));
  assert.deepEqual(store.applyPatches(messages), []);
});

test("a copy is changed without the original", () => {
  const store = createStore();
  const copy = store.copy();
  copy.applyPatch(change("t", "text", "after"), new Map());
  assert.equal(readRoot(store).attributes.title.attributes.text, "before");
  assert.deepEqual([...copy.findDifferences(store)], ["t text"]);
});

test("columns are released with their arrays once BokehJS has them", () => {
  const store = createStore();
  assert.equal(store.hasAttribute("s", "data"), true);
  store.releaseColumns();
  assert.equal(store.hasAttribute("s", "data"), false);
  assert.equal(store.buildPatch()[1].size, 0);
});

test("an array outside of columns is kept", () => {
  const store = createStore();
  const buffer = new ArrayBuffer(4);
  store.applyPatch(change("p", "image", { type: "ndarray", array: { id: "a1" } }), new Map([["a1", buffer]]));
  store.releaseColumns();
  assert.deepEqual([...store.buildPatch()[1]], [["a1", buffer]]);
});

test("columns that are given are built into their source", () => {
  const store = createStore();
  store.releaseColumns();
  const data = new Map([["x", [1, 2]]]);
  assert.equal(readRoot(store, new Map([["s", data]])).attributes.renderers[0].source.attributes.data, data);
});

test("a model that nothing refers to any more is forgotten", () => {
  const store = createStore();
  store.applyPatch(change("p", "title", null), new Map());
  store.applyPatch(change("p", "above", []), new Map());
  store.buildPatch();
  assert.equal(store.serializeModel("t"), undefined);
});

test("models with equal attributes have the same text whatever their ids", () => {
  const store = new ModelStore();
  const model = object("p", { one: object("a", { text: "x" }), other: object("b", { text: "x" }) });
  store.applyPatch({ events: [{ kind: "RootAdded", model }] }, new Map());
  assert.equal(store.serializeModel("a"), store.serializeModel("b"));
  assert.notEqual(store.serializeModel("a"), store.serializeModel("p"));
});

test("columns are changed in the store before BokehJS has them", () => {
  const store = createStore();
  store.changeColumns([{ kind: "ColumnDataChanged", model: { id: "s" }, data: columns(["y", [2]]) }]);
  assert.deepEqual(readRoot(store).attributes.renderers[0].source.attributes.data.entries, [["x", { id: "a0" }], ["y", [2]]]);
});

test("models and arrays that are no longer in the plot are dropped", () => {
  const store = createStore();
  store.prune();
  assert.deepEqual([store.hasAttribute("t", "text"), store.buildPatch()[1].size], [true, 1]);
  store.applyPatch(change("p", "title", object("u")), new Map());
  store.prune();
  assert.equal(store.hasAttribute("t", "text"), true, "it is above");
  store.applyPatch(change("p", "above", []), new Map());
  store.changeColumns([{ kind: "ModelChanged", model: { id: "s" }, attr: "data", new: columns(["x", [1]]) }]);
  store.prune();
  assert.deepEqual([store.hasAttribute("t", "text"), store.buildPatch()[1].size], [false, 0]);
});
