import assert from "node:assert/strict";
import { test } from "node:test";

import { describeViewerCount } from "../../../bokeh_share/server/static/author_bar.mjs";

test("the bar counts viewers of the share and of relays together", () => {
  const viewers = [{ slow: false }, { slow: true }];
  assert.equal(describeViewerCount([], 0), "0 viewers");
  assert.equal(describeViewerCount([], 1), "1 viewer");
  assert.equal(describeViewerCount(viewers, 0), "2 viewers, 1 slow");
  assert.equal(describeViewerCount(viewers, 214), "216 viewers, 1 slow");
});
