import assert from "node:assert/strict";
import test from "node:test";
import { createUndrawn, needsBokeh } from "../../../bokeh_share/server/static/drawings.mjs";
import { computePictureSize } from "../../../bokeh_share/server/static/placeholder.mjs";
import { buildPlot } from "./fakes.mjs";

const MEDIA = { kind: "image", type: "image/png", width: 6, height: 4, title: "" };

test("a picture needs no BokehJS, a text with formulas does", () => {
  assert.equal(needsBokeh({ media: MEDIA, parts: [] }), false);
  assert.equal(needsBokeh({ media: { ...MEDIA, kind: "text" }, parts: ["mathjax"] }), true);
  assert.equal(needsBokeh({ parts: [] }), true);
});

test("a picture that is not drawn yet is kept as it came", () => {
  const message = buildPlot("a", { media: MEDIA, parts: [], buffers: new Map() });
  const undrawn = createUndrawn(message);
  assert.equal(undrawn.buildMessage(), message);
  assert.deepEqual([undrawn.parts, undrawn.media, undrawn.hasFailed], [[], MEDIA, false]);
});

test("the place of a picture is as high as the picture, also on a narrow page", () => {
  const size = { width: "600px", maxWidth: "100%", aspectRatio: "600 / 300" };
  assert.deepEqual(computePictureSize([600, 300]), size);
});
