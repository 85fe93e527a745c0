import assert from "node:assert/strict";
import test from "node:test";
import { buildWallSearch, readWallOptions } from "../../../bokeh_share/server/static/wall_address.mjs";

const read = (search) => readWallOptions({ search });

test("an address without the wall asks for none", () => {
  assert.equal(read(""), null);
  assert.equal(read("?plots=2"), null);
});

test("the address says for how long plots stay, and how many are shown", () => {
  assert.deepEqual(read("?wall"), { seconds: 15, count: null });
  assert.deepEqual(read("?wall=30"), { seconds: 30, count: null });
  assert.deepEqual(read("?wall&plots=4"), { seconds: 15, count: 4 });
});

test("values that make no sense count as not given", () => {
  for (const value of ["x", "0", "-3", "NaN", "Infinity", "1e9"]) assert.equal(read(`?wall=${value}`).seconds, 15);
  for (const value of ["x", "0", "3", "-1", ""]) assert.equal(read(`?wall&plots=${value}`).count, null);
});

test("the wall is added to the address and taken out of it, and the rest stays", () => {
  const build = (search, isWall) => buildWallSearch({ search }, isWall);
  assert.equal(build("", true), "?wall");
  assert.equal(build("?lang=en", true), "?wall&lang=en");
  assert.equal(build("?wall=30&plots=2", true), "?wall=30&plots=2");
  assert.equal(build("?wall=30&plots=2", false), "");
  assert.equal(build("?lang=en&wall", false), "?lang=en");
  assert.equal(build("?lang=en", false), "?lang=en");
});
