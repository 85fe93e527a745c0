import assert from "node:assert/strict";
import test from "node:test";
import { decodeMessage } from "../../../bokeh_share/server/static/messages.mjs";

function encode(header, ...arrays) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length);
  return new Uint8Array([...length, ...text, ...arrays.flat()]).buffer;
}

test("a message without arrays is its header", () => {
  const frame = encode({ kind: "busy", seconds: 3 });
  const { byteLength } = frame;
  assert.deepEqual(decodeMessage(frame), { kind: "busy", seconds: 3, byteLength, buffers: new Map() });
});

test("arrays follow the header one after the other", () => {
  const { buffers } = decodeMessage(encode({ kind: "plot", buffers: [["a0", 2], ["a1", 3]] }, [1, 2], [3, 4, 5]));
  assert.deepEqual([...buffers].map(([id, array]) => [id, [...new Uint8Array(array)]]), [
    ["a0", [1, 2]], ["a1", [3, 4, 5]],
  ]);
});

test("the length of the header counts bytes and not characters", () => {
  assert.equal(decodeMessage(encode({ kind: "page", title: "größer ☃" })).title, "größer ☃");
});

test("what is no message raises", () => {
  assert.throws(() => decodeMessage(new Uint8Array([0, 0]).buffer), RangeError);
  assert.throws(() => decodeMessage(new Uint8Array([0, 0, 0, 1, 123]).buffer), SyntaxError);
});
