import assert from "node:assert/strict";
import { test } from "node:test";
import { fitRatio } from "../../../bokeh_share/server/static/picture.mjs";

test("a picture has as many pixels as fit on a canvas", () => {
  assert.equal(fitRatio(2, { width: 1000, height: 800 }), 2);
  assert.equal(fitRatio(2, { width: 16_384, height: 10 }), 1);
  const ratio = fitRatio(4, { width: 8192, height: 8192 });
  assert.equal(ratio, 1);
});
