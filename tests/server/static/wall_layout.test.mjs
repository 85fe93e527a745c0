import assert from "node:assert/strict";
import test from "node:test";
import { arrangeCells, chooseCount, findLegibleScale } from "../../../bokeh_share/server/static/wall_layout.mjs";

const HD = { width: 1920, height: 1080 };
const UHD = { width: 3840, height: 2160 };
const PHONE = { width: 390, height: 844 };
const WIDE = [600, 400];
const SQUARE = [600, 600];

const repeat = (count, box) => Array.from({ length: count }, () => box);

test("as many plots are shown at a time as can be read", () => {
  assert.equal(chooseCount(repeat(9, WIDE), UHD), 4);
  assert.equal(chooseCount(repeat(9, SQUARE), UHD), 2);
  assert.equal(chooseCount(repeat(9, WIDE), HD), 4);
  assert.equal(chooseCount(repeat(9, [1800, 1200]), HD), 1);
  assert.equal(chooseCount(repeat(9, WIDE), PHONE), 1);
});

test("one screen does not have more places than there are plots", () => {
  assert.equal(chooseCount([], UHD), 1);
  assert.deepEqual([1, 2, 3, 4].map((count) => chooseCount(repeat(count, WIDE), UHD)), [1, 2, 2, 4]);
});

test("a single large plot does not decide for all others", () => {
  assert.equal(chooseCount([...repeat(4, WIDE), [3000, 2000]], UHD), 4);
});

test("cells fill the screen, side by side on a wide one and one above the other on a tall one", () => {
  for (const screen of [UHD, { width: 1080, height: 1920 }]) {
    for (const count of [1, 2, 4]) {
      const cells = arrangeCells(count, screen);
      const area = cells.reduce((sum, { width, height }) => sum + width * height, 0);
      assert.equal(cells.length, count);
      assert.ok(area > 0.94 * screen.width * screen.height);
      for (const { left, top, width, height } of cells) {
        assert.ok(left > 0 && top > 0 && left + width < screen.width && top + height < screen.height);
      }
    }
  }
  const [left, right] = arrangeCells(2, UHD);
  assert.equal(left.top, right.top);
  const [upper, lower] = arrangeCells(2, PHONE);
  assert.equal(upper.left, lower.left);
});

test("text has the same share of the view, whatever the resolution", () => {
  assert.equal(findLegibleScale(UHD), 2 * findLegibleScale(HD));
  assert.equal(findLegibleScale(PHONE), 0.75);
});
