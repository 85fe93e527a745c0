import assert from "node:assert/strict";
import { test } from "node:test";
import { PresentedLoader } from "../../../bokeh_share/server/static/presented_loader.mjs";

test("nothing is loaded before there is something to show", () => {
  const loader = new PresentedLoader(() => { throw new Error("asked for cards"); });
  loader.handleOpen();
  loader.handle({ kind: "pins", pins: [] });
  loader.handle({ kind: "present", presenting: false });
  assert(true, "an import would fail here");
});
