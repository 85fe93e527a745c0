import assert from "node:assert/strict";
import test from "node:test";
import { computeRowHeights, hasHeightLimit } from "../../../bokeh_share/server/static/layout.mjs";

const root = (sizing_mode, min_height = null) => ({ sizing_mode, min_height });

function createView(sizing, max_height = null, parent = null) {
  return { box_sizing: () => ({ height: null, height_policy: "fit", ...sizing }), model: { max_height }, parent };
}

test("roots of their own height have no rows of their own", () => {
  assert.equal(computeRowHeights([root("fixed"), root("stretch_width"), root(null)]), null);
  assert.equal(computeRowHeights([]), null);
});

test("a root that fills the height has at least the card's", () => {
  assert.deepEqual(computeRowHeights([root("stretch_both"), root("fixed")]), [
    "minmax(var(--fill-height), auto)", "auto",
  ]);
});

test("a root that scales has a height that does not follow from its width", () => {
  assert.deepEqual(computeRowHeights([root("scale_height"), root("scale_height", 700)]), [
    "max(var(--fill-height), 0px)", "max(var(--fill-height), 700px)",
  ]);
});

test("a height that is given limits the views in it", () => {
  const given = createView({ height: 300, height_policy: "fixed" });
  assert.equal(hasHeightLimit(given), true);
  assert.equal(hasHeightLimit(createView({}, null, given)), true);
  assert.equal(hasHeightLimit(createView({}, 300)), true);
});

test("a height that follows the content is no limit", () => {
  assert.equal(hasHeightLimit(createView({ height: 300, height_policy: "min" }, null, createView({}))), false);
  assert.equal(hasHeightLimit(null), false);
});
