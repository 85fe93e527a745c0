import assert from "node:assert/strict";
import test from "node:test";
import { buildPrintedLink } from "../../../bokeh_share/server/static/print_sheet.mjs";

const TOKEN = "Xq3_v-0aZ8LkP4s9TbYw1A";

test("the printed link has no token", () => {
  for (const [path, printed] of [
    [`/${TOKEN}/`, "/…/"], [`/user/ada/proxy/5006/${TOKEN}/sales`, "/user/ada/proxy/5006/…/sales"], ["/", "/"],
  ]) {
    const url = new URL(`https://ada:secret@host.test:5006${path}?days=7#north`);
    assert.equal(buildPrintedLink(url), `https://host.test:5006${printed}`);
  }
});

test("the path of a file is not printed", () => {
  assert.equal(buildPrintedLink(new URL("file:///home/ada/page.html")), "");
});
