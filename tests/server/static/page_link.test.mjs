import assert from "node:assert/strict";
import { test } from "node:test";
import { buildPageUrl, canBePassedOn, describeCopied } from "../../../bokeh_share/server/static/page_link.mjs";

test("the link has no query, fragment or credentials, which may be secrets of the viewer", () => {
  const location = new URL("https://me:secret@host:8000/proxy/5006/x8/?token=secret&wall#plot=a");
  assert.equal(buildPageUrl(location).href, "https://host:8000/proxy/5006/x8/");
});

test("a file has no link", () => {
  assert(canBePassedOn({ protocol: "http:" }));
  assert(canBePassedOn({ protocol: "https:" }));
  for (const protocol of ["file:", "about:", "blob:", "data:"]) assert(!canBePassedOn({ protocol }));
});

test("a text says if the link leads to this computer only, or could not be copied", () => {
  assert.equal(describeCopied(true, new URL("http://10.0.0.5:5006/x/")), "The link is copied.");
  for (const host of ["localhost", "127.0.0.1", "127.8.0.1", "[::1]"]) {
    assert.match(describeCopied(true, new URL(`http://${host}:5006/x/`)), /^The link is copied\. It works on this computer/);
  }
  assert.match(describeCopied(false, new URL("http://host/x/#a")), /The link is: http:\/\/host\/x\/#a$/);
});
