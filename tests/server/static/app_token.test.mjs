import assert from "node:assert/strict";
import test from "node:test";
import { readAnswer, readSessionId } from "../../../bokeh_share/server/static/app_token.mjs";

const encode = (payload) => Buffer.from(JSON.stringify(payload)).toString("base64url");

test("an answer has the token or says why there is none", () => {
  const token = { token: "x", parts: [] };
  assert.deepEqual(readAnswer({ ok: true, status: 200 }, JSON.stringify(token)), { token, problem: "" });
  assert.deepEqual(readAnswer({ ok: false, status: 400 }, '{"problem": "no such option"}'), {
    token: null, problem: "no such option",
  });
  assert.match(readAnswer({ ok: false, status: 503 }, "").problem, /^Waiting for the author’s kernel/);
  assert.deepEqual(readAnswer({ ok: false, status: 404 }, ""), { token: null, problem: "" });
});

test("the session's id stands in the token, whatever its length and characters", () => {
  for (const id of ["a", "ab", "abc", "??>>~~"]) {
    assert.equal(readSessionId(`${encode({ session_id: id })}.signature`), id);
  }
});
