import assert from "node:assert/strict";
import test from "node:test";
import { waitUntilIdle, waitUntilReady } from "../../../bokeh_share/server/static/readiness.mjs";

/** A page with this visibility, whose frames and timers come when a test says so. */
function createPage(t, hidden = false) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const page = new EventTarget();
  const frames = [];
  const globals = { document: Object.assign(page, { hidden }), requestAnimationFrame: (frame) => frames.push(frame) };
  for (const [name, value] of Object.entries(globals)) {
    const former = globalThis[name];
    globalThis[name] = value;
    t.after(() => { globalThis[name] = former; });
  }
  const passFrame = () => frames.splice(0).forEach((frame) => frame());
  return { page, passFrame };
}

/** A document of BokehJS, idle after `emit`. */
function createDocument(views = []) {
  const slots = [];
  const bokeh = { is_idle: false, idle: { connect: (slot) => slots.push(slot) }, views_manager: views };
  const emit = () => { bokeh.is_idle = true; for (const slot of slots) slot(); };
  return { bokeh, emit, slots };
}

/** Records when a promise is resolved. */
function follow(promise) {
  const state = { isDone: false };
  promise.then(() => { state.isDone = true; });
  return state;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a drawing is complete as soon as BokehJS says so", async (t) => {
  createPage(t);
  const { bokeh, emit } = createDocument();
  const state = follow(waitUntilIdle(bokeh));
  await turn();
  assert.equal(state.isDone, false);
  emit();
  await turn();
  assert.equal(state.isDone, true);
});

test("what BokehJS has drawn already is not waited for", async (t) => {
  createPage(t);
  const { bokeh, emit, slots } = createDocument();
  emit();
  await waitUntilIdle(bokeh);
  assert.deepEqual(slots, []);
});

test("a drawing that is never complete is waited for up to a limit", async (t) => {
  createPage(t);
  const state = follow(waitUntilIdle(createDocument().bokeh));
  t.mock.timers.tick(4999);
  await turn();
  assert.equal(state.isDone, false);
  t.mock.timers.tick(1);
  await turn();
  assert.equal(state.isDone, true);
});

test("in a hidden tab, where nothing is painted, no drawing is waited for", async (t) => {
  const { page } = createPage(t, true);
  await waitUntilIdle(createDocument().bokeh);
  page.hidden = false;
  const state = follow(waitUntilIdle(createDocument().bokeh));
  page.hidden = true;
  page.dispatchEvent(new Event("visibilitychange"));
  await turn();
  assert.equal(state.isDone, true);
});

test("a change is ready when all views are", async (t) => {
  createPage(t);
  await waitUntilReady(createDocument([{ ready: Promise.resolve() }, { ready: Promise.resolve() }]).bokeh);
});

test("a paint that was dropped is waited for two frames", async (t) => {
  const { passFrame } = createPage(t);
  const state = follow(waitUntilReady(createDocument([{ ready: new Promise(() => {}) }]).bokeh));
  for (const isDone of [false, true]) {
    passFrame();
    await turn();
    assert.equal(state.isDone, isDone);
  }
});

test("without frames, a paint that was dropped is waited for up to a limit", async (t) => {
  createPage(t);
  const state = follow(waitUntilReady(createDocument([{ ready: new Promise(() => {}) }]).bokeh));
  t.mock.timers.tick(60);
  await turn();
  assert.equal(state.isDone, true);
});

test("in a hidden tab, a paint that was dropped is not waited for", async (t) => {
  createPage(t, true);
  await waitUntilReady(createDocument([{ ready: new Promise(() => {}) }]).bokeh);
});
