import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthorCommands } from "../../../bokeh_share/server/static/author_commands.mjs";

function createCommands() {
  const [sent, waits, moves] = [[], [], []];
  const commands = new AuthorCommands((each) => sent.push(each), (each) => waits.push(each), (each) => moves.push(each));
  const answer = (number, state, text = "", url = "") => commands.handleAnswer({ kind: "answer", number, state, text, url });
  return { commands, sent, waits, moves, answer };
}

test("a command waits for its own answer", async () => {
  const { commands, sent, waits, answer } = createCommands();
  const [title, pause] = [commands.run("set_title", { title: "New" }), commands.run("pause")];
  assert.deepEqual(sent, [{ do: "set_title", number: 1, title: "New" }, { do: "pause", number: 2 }]);
  answer(2, "done");
  await pause;
  answer(1, "waiting", "waits until the running cell ends");
  assert.deepEqual(waits, ["waits until the running cell ends"]);
  answer(1, "done");
  await title;
  answer(1, "done");
  answer(99, "failed");
});

test("the reason of a failure is told", async () => {
  const { commands, answer } = createCommands();
  const pin = commands.run("pin");
  answer(1, "failed", "this plot is not on the page any more");
  await assert.rejects(pin, { message: "this plot is not on the page any more" });
});

test("with a new link the page moves", async () => {
  const { commands, moves, answer } = createCommands();
  const moved = commands.run("replace_link");
  answer(1, "done", "", "../new/?author=code");
  await moved;
  assert.deepEqual(moves, ["../new/?author=code"]);
});

test("commands end with their connection", async () => {
  const { commands } = createCommands();
  const pause = commands.run("pause");
  commands.handleClose();
  await assert.rejects(pause, /connection was lost/);
});
