import assert from "node:assert/strict";
import { test } from "node:test";
import {
  buildPlotFragment, buildViewFragment, isLinkedPlot, readLinkedPlot, readLinkedView,
} from "../../../bokeh_share/server/static/plot_fragment.mjs";

const NAMED = { name: "sales & costs, 50%=½ #1", anchor: null };
const UNNAMED = { name: null, anchor: "0a1b2c3d" };
const FIELDS = [["r0", "1.5,20"], ["r1", '["a&b=c",0.5],["ü",-0.5]'], ["t0", "1"], ["l0", "0110"]];

test("a link to a view is read as it was written", () => {
  for (const plot of [NAMED, UNNAMED]) {
    const hash = new URL(buildViewFragment(plot, FIELDS), "http://host/").hash;
    assert.equal(readLinkedPlot({ hash }), plot.name ?? plot.anchor);
    assert.deepEqual(readLinkedView({ hash }), FIELDS);
    assert(isLinkedPlot(plot, { hash }));
  }
  assert(!isLinkedPlot(NAMED, { hash: buildViewFragment(UNNAMED, []) }));
});

test("a link to a plot names it, and has no view", () => {
  assert.equal(buildPlotFragment(UNNAMED), "#plot=0a1b2c3d");
  assert.equal(readLinkedPlot({ hash: "#plot=0a1b2c3d" }), "0a1b2c3d");
  assert.equal(readLinkedView({ hash: "#plot=0a1b2c3d" }), null);
  assert.equal(decodeURIComponent(buildPlotFragment(NAMED)), `#${NAMED.name}`);
});

test("other fragments name no plot in this way", () => {
  for (const hash of ["", "#", "#sales", "#view=1", "#Plot=a", `#plot=${"a".repeat(20_001)}`]) {
    assert.equal(readLinkedPlot({ hash }), null);
    assert.equal(readLinkedView({ hash }), null);
    assert(!isLinkedPlot({ name: null, anchor: null }, { hash }));
  }
});

test("a view of another version of links is none", () => {
  assert.equal(readLinkedView({ hash: "#plot=a&view=2&r0=1,2" }), null);
});

test("a name may look like an anchor, and an anchor like nothing that a plot without a name has", () => {
  assert(isLinkedPlot({ name: "0a1b2c3d", anchor: null }, { hash: "#plot=0a1b2c3d" }));
  assert(!isLinkedPlot({ name: "other", anchor: "0a1b2c3d" }, { hash: "#plot=0a1b2c3d" }));
});
