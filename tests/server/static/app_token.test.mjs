import assert from "node:assert/strict";
import test from "node:test";
import { readAnswer, readSessionId } from "../../../bokeh_share/server/static/app_token.mjs";

const encode = (payload) => Buffer.from(JSON.stringify(payload)).toString("base64url");

test("an answer has the token or says why there is none", () => {
  const token = { token: "x", parts: [] };
  const answer = (problem) => readAnswer({ ok: true, status: 200 }, JSON.stringify({ ...token, problem }));
  assert.deepEqual(answer(""), { token, problem: "" });
  assert.deepEqual(answer("'Mars' is no region: choose North or South"), {
    token,
    problem: "The address of this page is wrong: 'Mars' is no region: choose North or South."
      + " The default value is shown.",
  });
  assert.deepEqual(readAnswer({ ok: false, status: 400 }, '{"problem": "there is no option \'q\'"}'), {
    token: null, problem: "The address of this page is wrong: there is no option 'q'.",
  });
  const question = "there is no option 'dayz': did you mean 'days'?";
  const sentence = `The address of this page is wrong: ${question}`;
  const refusal = readAnswer({ ok: false, status: 400 }, JSON.stringify({ problem: question }));
  assert.equal(refusal.problem, sentence);
  assert.equal(answer(question).problem, `${sentence} The default value is shown.`);
  assert.match(readAnswer({ ok: false, status: 503 }, "").problem, /^The author’s notebook is running/);
  assert.deepEqual(readAnswer({ ok: false, status: 404 }, ""), { token: null, problem: "" });
});

test("the session's id stands in the token, whatever its length and characters", () => {
  for (const id of ["a", "ab", "abc", "??>>~~"]) {
    assert.equal(readSessionId(`${encode({ session_id: id })}.signature`), id);
  }
});
