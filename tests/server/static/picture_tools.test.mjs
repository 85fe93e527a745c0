import assert from "node:assert/strict";
import { test } from "node:test";
import { fitRatio } from "../../../bokeh_share/server/static/picture.mjs";
import { buildFileName } from "../../../bokeh_share/server/static/picture_tools.mjs";

test("a file is named like its plot, without characters that a system forbids", () => {
  for (const [heading, name] of [
    ["Sales 2026", "Sales 2026"],
    ["Größe · 大小", "Größe · 大小"],
    ["../../etc/passwd", "etc passwd"],
    ["a\u202Egnp.exe\n<b>|?*", "a gnp.exe b"],
    ["CON. . ", "CON"],
    ["", "plot"],
    ["...", "plot"],
    ["ä".repeat(300), "ä".repeat(100)],
  ]) assert.equal(buildFileName(heading), name);
});

test("a picture has as many pixels as fit on a canvas", () => {
  assert.equal(fitRatio(2, { width: 1000, height: 800 }), 2);
  assert.equal(fitRatio(2, { width: 16_384, height: 10 }), 1);
  const ratio = fitRatio(4, { width: 8192, height: 8192 });
  assert.equal(ratio, 1);
});
