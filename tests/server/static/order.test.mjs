import assert from "node:assert/strict";
import test from "node:test";
import { findStayingItems } from "../../../bokeh_share/server/static/order.mjs";

const find = (wanted, present) => findStayingItems([...wanted], [...present]).join("");

test("items that are in order stay", () => {
  assert.equal(find("abcd", "abcd"), "abcd");
  assert.equal(find("abxcd", "abcd"), "abcd");
  assert.equal(find("ad", "abcd"), "ad");
});

test("of a move the one item that moved does not stay", () => {
  assert.equal(find("dabc", "abcd"), "abc");
  assert.equal(find("bcda", "abcd"), "bcd");
});

test("of the other order one item stays", () => {
  assert.equal(find("cba", "abc").length, 1);
});

test("of new items none stays", () => {
  assert.equal(find("xy", "abc"), "");
  assert.equal(find("", "abc"), "");
});
