import assert from "node:assert/strict";
import test from "node:test";
import { DrawTurns } from "../../../bokeh_share/server/static/draw_turns.mjs";

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Takes a turn for each of these names, which also are the ranks, and records who has it. */
function takeTurns(turns, ...ranks) {
  const taken = [];
  const ends = new Map();
  for (const rank of ranks) {
    turns.take(() => rank).then((end) => {
      taken.push(rank);
      ends.set(rank, end);
    });
  }
  return { taken, ends };
}

test("one plot has the turn and then the one with the lowest rank", async () => {
  const { taken, ends } = takeTurns(new DrawTurns(), 5, 9, 3, 7);
  await settle();
  assert.deepEqual(taken, [5]);
  for (const rank of [5, 3, 7]) {
    ends.get(rank)();
    await settle();
  }
  assert.deepEqual(taken, [5, 3, 7, 9]);
});

test("a rank counts as it is when the turn is given", async () => {
  const turns = new DrawTurns();
  const end = await turns.take(() => 0);
  const taken = [];
  const ranks = { one: 1, other: 2 };
  for (const name of Object.keys(ranks)) turns.take(() => ranks[name]).then(() => taken.push(name));
  ranks.other = 0;
  end();
  await settle();
  assert.deepEqual(taken, ["other"]);
});

test("a plot that others pass again and again has its turn after the tenth", async () => {
  const turns = new DrawTurns();
  let end = await turns.take(() => 0);
  let hasTurn = false;
  turns.take(() => 5).then((endTurn) => {
    hasTurn = true;
    endTurn();
  });
  let passes = 0;
  for (; passes < 100; passes += 1) {
    const next = turns.take(() => 0);
    end();
    end = await next;
    if (hasTurn) break;
  }
  end();
  assert.equal(passes, 10);
});

test("a turn that ended ends no other", async () => {
  const { taken, ends } = takeTurns(new DrawTurns(), 1, 2, 3);
  await settle();
  ends.get(1)();
  ends.get(1)();
  await settle();
  assert.deepEqual(taken, [1, 2]);
});

test("a turn that takes too long no longer holds up the others", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { taken } = takeTurns(new DrawTurns(), 1, 2);
  await settle();
  t.mock.timers.tick(999);
  await settle();
  assert.deepEqual(taken, [1]);
  t.mock.timers.tick(1);
  await settle();
  assert.deepEqual(taken, [1, 2]);
});
