import assert from "node:assert/strict";
import test from "node:test";
import { patchSession, watchSession } from "../../../bokeh_share/server/static/session_acks.mjs";

/** A session as BokehJS has it, and the calls of its handlers. */
function createSession() {
  const calls = [];
  class Session {
    document = {};
    handle() { calls.push("handled"); }
    _document_changed() { calls.push("sent"); }
  }
  patchSession(Session.prototype);
  patchSession(Session.prototype);
  const session = new Session();
  watchSession(session.document, {
    onSent: (events) => calls.push(events.map(({ model }) => model)),
    onProcessed: () => calls.push("processed"),
  });
  return { session, calls };
}

const answer = (kind) => ({ msgtype: () => kind });

test("a change that is sent is told, after BokehJS has sent it", () => {
  const { session, calls } = createSession();
  session._document_changed({ sync: true, model: "slider" });
  session._document_changed({ sync: false, model: "from the kernel" });
  assert.deepEqual(calls, ["sent", ["slider"], "sent"]);
});

test("of a batch only what is sent is told", () => {
  const { session, calls } = createSession();
  const events = [{ sync: true, model: "a" }, { sync: false, model: "b" }];
  session._document_changed({ sync: true, events });
  session._document_changed({ sync: false, events });
  assert.deepEqual(calls, ["sent", ["a"], "sent"]);
});

test("an answer of the kernel is told, and its changes are not", () => {
  const { session, calls } = createSession();
  for (const kind of ["PATCH-DOC", "OK", "ERROR"]) session.handle(answer(kind));
  assert.deepEqual(calls, ["handled", "handled", "processed", "handled", "processed"]);
});

test("a document that is not watched is left alone", () => {
  const { session, calls } = createSession();
  session.document = {};
  session._document_changed({ sync: true, model: "slider" });
  session.handle(answer("OK"));
  assert.deepEqual(calls, ["sent", "handled"]);
});
