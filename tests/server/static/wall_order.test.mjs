import assert from "node:assert/strict";
import test from "node:test";
import { WallOrder } from "../../../bokeh_share/server/static/wall_order.mjs";

function createOrder(...plots) {
  const order = new WallOrder();
  order.update(plots);
  return order;
}

test("plots take turns in the page's order", () => {
  const order = createOrder("a", "b", "c");
  assert.deepEqual([1, 2, 3, 4].map(() => order.take(1).join()), ["a", "b", "c", "a"]);
});

test("a screen is always full, and has no plot twice", () => {
  const order = createOrder("a", "b", "c");
  assert.deepEqual([1, 2, 3].map(() => order.take(2).join()), ["a,b", "c,a", "b,c"]);
  assert.deepEqual(createOrder("a").take(4), ["a"]);
  assert.deepEqual(createOrder().take(4), []);
});

test("the plot that changed last comes first", () => {
  const order = createOrder("a", "b", "c", "d");
  assert.deepEqual(order.take(1), ["a"]);
  assert.ok(order.recordChange("c"));
  assert.ok(order.recordChange("d"));
  assert.deepEqual([1, 2, 3, 4].map(() => order.take(1).join()), ["d", "c", "b", "a"]);
});

test("plots that change all the time do not keep others away", () => {
  const order = createOrder("a", "b", "c", "d");
  const shown = [];
  for (let turn = 0; turn < 12; turn += 1) {
    shown.push(...order.take(1));
    for (const each of ["c", "d"]) if (each !== shown.at(-1)) order.recordChange(each);
  }
  for (const each of ["a", "b"]) assert.ok(shown.filter((other) => other === each).length >= 2, shown.join());
});

test("a plot that came first in this round waits for its turn", () => {
  const order = createOrder("a", "b", "c");
  order.recordChange("c");
  assert.deepEqual(order.take(1), ["c"]);
  assert.equal(order.recordChange("c"), false);
  assert.equal(order.recordChange("unknown"), false);
  assert.deepEqual(order.take(1), ["a"]);
});

test("plots that come and go join and leave the round", () => {
  const order = createOrder("a", "b", "c");
  assert.deepEqual(order.take(1), ["a"]);
  order.recordChange("b");
  order.update(["n", "a", "c"]);
  assert.deepEqual([1, 2, 3].map(() => order.take(1).join()), ["n", "c", "n"]);
});

test("a preview changes nothing", () => {
  const order = createOrder("a", "b", "c");
  order.recordChange("b");
  assert.deepEqual(order.preview(2), ["b", "a"]);
  assert.deepEqual(order.preview(2), ["b", "a"]);
  assert.deepEqual(order.take(2), ["b", "a"]);
  assert.deepEqual(order.take(1), ["c"]);
});
