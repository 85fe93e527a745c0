import assert from "node:assert/strict";
import test from "node:test";
import { DrawScheduler } from "../../../bokeh_share/server/static/draw_scheduler.mjs";
import { DrawTurns } from "../../../bokeh_share/server/static/draw_turns.mjs";

const HEIGHT = 400;

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A page of twenty plots in a window of 1000 pixels; `idle` calls what waits until the browser is idle. */
function createPage(t, { slow = [], broken = [], zoom = 1 } = {}) {
  let scrolled = 0;
  let reportIdle = null;
  const frames = { count: 0 };
  const clock = { now: 1000 };
  const cards = Array.from({ length: 20 }, (_, index) => ({
    index, neededParts: "", isDrawable: true, isNamedInAddress: false,
    section: { getBoundingClientRect: () => ({ top: index * HEIGHT - scrolled, bottom: (index + 1) * HEIGHT - scrolled }) },
  }));
  const globals = {
    innerHeight: 1000 / zoom, window: {}, document: { hidden: false, documentElement: { clientHeight: 1000 } },
    IntersectionObserver: class { observe() {} unobserve() {} },
    requestAnimationFrame: (callback) => {
      frames.count += 1;
      setImmediate(callback);
    },
    performance: { now: () => clock.now },
  };
  globals.window.requestIdleCallback = (callback) => { reportIdle = callback; };
  for (const [name, value] of Object.entries(globals)) {
    const former = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true });
    t.after(() => former ? Object.defineProperty(globalThis, name, former) : delete globalThis[name]);
  }
  const drawn = [];
  const receiving = { count: 0 };
  const scheduler = new DrawScheduler(new DrawTurns(), {
    listCards: () => cards,
    isReceiving: () => receiving.count-- > 0,
    load: async ({ index, neededParts }) => {
      if (slow.includes(index) && neededParts === "") await new Promise(() => {});
      return true;
    },
    draw: async (card, endTurn) => {
      drawn.push(card.index);
      card.isDrawable = false;
      if (broken.includes(card.index)) await new Promise(() => {});
      endTurn();
    },
  });
  return {
    cards, drawn, receiving, scheduler, frames, clock,
    scroll: (top) => { scrolled = top; },
    idle: async () => {
      reportIdle?.();
      await settle();
    },
  };
}

const wake = async (scheduler) => {
  for (let count = 0; count < 10; count += 1) {
    scheduler.wake();
    await settle();
  }
};

test("plots in view and near are drawn and the next five one by one when the browser is idle", async (t) => {
  const { drawn, scheduler, idle } = createPage(t);
  await wake(scheduler);
  assert.deepEqual(drawn, [0, 1, 2, 3, 4, 5]);
  await idle();
  assert.deepEqual(drawn, [0, 1, 2, 3, 4, 5, 6]);
  for (let count = 0; count < 10; count += 1) await idle();
  assert.deepEqual(drawn, [...Array(11).keys()]);
});

test("plots out of view wait while others arrive but not without end", async (t) => {
  const { drawn, receiving, scheduler } = createPage(t);
  receiving.count = 20;
  scheduler.wake();
  while (receiving.count > 0) {
    assert.ok(drawn.every((index) => index < 3));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await wake(scheduler);
  assert.deepEqual(drawn, [0, 1, 2, 3, 4, 5]);
  const endless = createPage(t);
  endless.receiving.count = Infinity;
  for (let count = 0; count < 100 && endless.drawn.length < 4; count += 1) await wake(endless.scheduler);
  assert.deepEqual(endless.drawn.slice(0, 4), [0, 1, 2, 3]);
});

test("two fingers that zoom the page do not change which plots are near", async (t) => {
  const { drawn, scheduler } = createPage(t, { zoom: 3 });
  await wake(scheduler);
  assert.deepEqual([...drawn].sort(), [0, 1, 2, 3, 4, 5]);
});

test("plots to which the viewer scrolls while others are drawn go first", async (t) => {
  const { drawn, scheduler, scroll } = createPage(t);
  scheduler.wake();
  await new Promise((resolve) => setImmediate(resolve));
  scroll(15 * HEIGHT);
  await wake(scheduler);
  assert.equal(drawn.length < 10, true);
  assert.deepEqual(drawn.filter((index) => index > 10).slice(0, 3), [14, 15, 16], "the first one touches the window");
});

test("all plots are drawn when that is wanted", async (t) => {
  const { drawn, scheduler } = createPage(t);
  scheduler.drawAll();
  await wake(scheduler);
  assert.deepEqual(drawn, [...Array(20).keys()]);
});

test("frames are few while all plots are drawn", async (t) => {
  const { drawn, scheduler, frames, clock } = createPage(t);
  scheduler.drawAll();
  await wake(scheduler);
  const former = frames.count;
  assert.equal(drawn.length, 20);
  const slow = createPage(t);
  slow.cards.forEach((card, index) => {
    const { section } = card;
    card.section = { getBoundingClientRect: () => { slow.clock.now += index; return section.getBoundingClientRect(); } };
  });
  slow.scheduler.drawAll();
  await wake(slow.scheduler);
  assert.equal(slow.drawn.length, 20);
  assert.ok(slow.frames.count > former + 10, `${slow.frames.count} and ${former} frames`);
  assert.equal(clock.now, 1000);
});

test("a plot whose scripts do not come holds up no other", async (t) => {
  const { drawn, scheduler } = createPage(t, { slow: [0, 2] });
  await wake(scheduler);
  assert.deepEqual(drawn, [1, 3, 4, 5]);
});

test("a plot that is never built holds up no other for long", async (t) => {
  const { drawn, scheduler } = createPage(t, { broken: [1] });
  await wake(scheduler);
  assert.deepEqual(drawn, [0, 1]);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await wake(scheduler);
  assert.deepEqual(drawn, [0, 1, 2, 3, 4, 5]);
});

test("a plot that is loaded again for a change that needs more is drawn then", async (t) => {
  const { cards, drawn, scheduler } = createPage(t);
  for (const card of cards) card.isDrawable = false;
  await wake(scheduler);
  assert.deepEqual(drawn, []);
  cards[3].isDrawable = true;
  cards[3].neededParts = "gl";
  await wake(scheduler);
  assert.deepEqual(drawn, [3]);
});

test("a plot that no longer needs what does not come is drawn", async (t) => {
  const { cards, drawn, scheduler } = createPage(t, { slow: [0, 2] });
  await wake(scheduler);
  cards[2].neededParts = "widgets";
  await wake(scheduler);
  assert.deepEqual(drawn, [1, 3, 4, 5, 2]);
});

test("a browser that was idle when no plot waited for that is asked again", async (t) => {
  const { cards, drawn, scheduler, idle } = createPage(t);
  await wake(scheduler);
  for (const card of cards) card.isDrawable = false;
  await idle();
  cards[6].isDrawable = true;
  await wake(scheduler);
  assert.deepEqual(drawn, [0, 1, 2, 3, 4, 5]);
  await idle();
  assert.deepEqual(drawn, [0, 1, 2, 3, 4, 5, 6]);
});
