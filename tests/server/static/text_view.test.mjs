import assert from "node:assert/strict";
import test from "node:test";
import { isWebLink } from "../../../bokeh_share/server/static/text_view.mjs";

test("only whole addresses of http and https are links", () => {
  for (const href of ["https://a.b/c", "http://a.b"]) assert.ok(isWebLink(href), href);
  for (const href of ["javascript:alert(1)", "data:text/html,x", "/a", "a", "", "java\nscript:x"]) {
    assert.ok(!isWebLink(href), href);
  }
});
