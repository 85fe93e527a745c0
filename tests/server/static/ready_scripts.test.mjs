import assert from "node:assert/strict";
import test from "node:test";
import { ReadyScripts } from "../../../bokeh_share/server/static/ready_scripts.mjs";

/** A document whose root has these scripts, by id; `fire` makes it ready. */
function createDocument(ids, ran) {
  const listeners = [];
  const scripts = ids.map((id) => ({ id, execute: () => ran.push(id) }));
  return {
    roots: () => [{ js_event_callbacks: { "bokeh_share.ready": scripts } }],
    on_event: (event, listener) => { if (event === "document_ready") listeners.push(listener); },
    fire: () => { for (const listener of listeners) listener({}); },
  };
}

// the text of a script is the letter in its id
const models = { serializeModel: (id) => id[0] };

test("a script runs once however often the document is ready", () => {
  const ran = [];
  const bokeh = createDocument(["a1", "b1"], ran);
  new ReadyScripts().prepare(bokeh, models);
  bokeh.fire();
  bokeh.fire();
  assert.deepEqual(ran, ["a1", "b1"]);
});

test("a later drawing runs only scripts that are new", () => {
  const ran = [];
  const first = createDocument(["a1"], ran);
  const scripts = new ReadyScripts();
  scripts.prepare(first, models);
  first.fire();
  const second = createDocument(["a2", "b2"], ran);
  scripts.copy().prepare(second, models);
  second.fire();
  assert.deepEqual(ran, ["a1", "b2"]);
});

test("a script that was gone for a while runs again", () => {
  const ran = [];
  let scripts = new ReadyScripts();
  for (const ids of [["a1"], [], ["a3"]]) {
    scripts = scripts.copy();
    const bokeh = createDocument(ids, ran);
    scripts.prepare(bokeh, models);
    bokeh.fire();
  }
  assert.deepEqual(ran, ["a1", "a3"]);
});
