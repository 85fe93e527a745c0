import assert from "node:assert/strict";
import test from "node:test";
import {
  buildQuery, findReachableUrl, isNamedInUrl, readNameInUrl, resolveUrl, resolveWebSocketUrl,
} from "../../../bokeh_share/server/static/urls.mjs";

const here = new URL("http://name:word@host:5006/secret/trend?days=9#there");

test("a request leaves out the credentials that the page was opened with", () => {
  assert.equal(resolveUrl("login/state", here).href, "http://host:5006/secret/login/state");
});

test("a websocket is below the share's link and as safe as the page", () => {
  assert.equal(resolveWebSocketUrl("ws?app=", new URL("http://host/secret/")).href, "ws://host/secret/ws?app=");
  assert.equal(resolveWebSocketUrl("ws", new URL("https://host/secret/")).href, "wss://host/secret/ws");
});

test("the page follows to the first address on its own host", () => {
  const urls = ["http://other:1/x/", "http://host:5007/x/", "http://host:5008/x/"];
  assert.equal(findReachableUrl(urls, here).href, "http://host:5007/x/");
});

test("behind a proxy the page follows to another port behind the same proxy", () => {
  const proxied = new URL("https://hub/user/ann/proxy/5006/secret/");
  const urls = ["https://hub/secret/", "https://hub/user/bob/proxy/5007/x/", "https://hub/user/ann/proxy/5007/x/"];
  assert.equal(findReachableUrl(urls, proxied).href, "https://hub/user/ann/proxy/5007/x/");
  assert.equal(findReachableUrl(["https://hub/user/ann/proxy/5007/x/"], new URL("https://hub/x/")), null);
});

test("an address that is a script is not followed", () => {
  assert.equal(findReachableUrl(["javascript:alert(1)", "ftp://host/x"], here), null);
  assert.equal(findReachableUrl([], here), null);
});

test("the address names a plot however it is written", () => {
  for (const name of ["sales", "Umsatz (€)", "a b", "50%", "sales 2"]) {
    const location = new URL(`http://host/secret/#${name.replace("%", "%25")}`);
    assert.equal(readNameInUrl(location), name);
    assert.equal(isNamedInUrl(encodeURIComponent(name), location) || isNamedInUrl(name, location), true, name);
  }
});

test("an address without a name names no plot", () => {
  for (const href of ["http://host/secret/", "http://host/secret/#"]) {
    assert.equal(readNameInUrl(new URL(href)), null);
    for (const name of ["", "sales"]) assert.equal(isNamedInUrl(name, new URL(href)), false);
  }
  assert.equal(readNameInUrl({ hash: "#50%" }), "50%", "typed without an escape");
  assert.equal(readNameInUrl({ hash: `#${"x".repeat(201)}` }), null, "that is too long for the server");
});

test("options make a query and none make an empty one", () => {
  assert.equal(buildQuery({ epoch: "a", first: "Umsatz & Co" }), "?epoch=a&first=Umsatz+%26+Co");
  assert.equal(buildQuery({}), "");
});
