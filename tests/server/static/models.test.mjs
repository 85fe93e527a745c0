import assert from "node:assert/strict";
import test from "node:test";
import { listEventCallbacks, serializeValue } from "../../../bokeh_share/server/static/models.mjs";
import { createModel } from "./fakes.mjs";

test("plain values have a text", () => {
  assert.equal(serializeValue({ a: [1, "x", null] }), '{"a":[1,"x",null]}');
});

test("values that contain models, maps or sets have none", () => {
  for (const value of [createModel("m", "Figure"), new Map(), new Set(), { a: [new Map()] }]) {
    assert.equal(serializeValue(value), null);
  }
});

test("callbacks of an event are found in a map and in an object", () => {
  assert.deepEqual(listEventCallbacks({ js_event_callbacks: { ready: ["a"] } }, "ready"), ["a"]);
  assert.deepEqual(listEventCallbacks({ js_event_callbacks: new Map([["ready", ["a"]]]) }, "ready"), ["a"]);
  assert.deepEqual(listEventCallbacks({ js_event_callbacks: {} }, "ready"), []);
});
