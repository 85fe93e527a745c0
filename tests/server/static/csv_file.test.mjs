import assert from "node:assert/strict";
import test from "node:test";
import {
  estimateBytes, findMaxBytes, formatBytes, writeCsvFile,
} from "../../../bokeh_share/server/static/csv_file.mjs";
import { buildCsvTable } from "../../../bokeh_share/server/static/csv_table.mjs";
import { Pacer } from "../../../bokeh_share/server/static/pacer.mjs";
import { pacer } from "./fakes.mjs";

/** The table of one column. */
function build(values) {
  const rows = Array.from({ length: values.length }, (_, row) => row);
  return buildCsvTable([{ label: null, columns: [{ name: "v", values, time: null, isSequence: false }], rows }], pacer);
}

test("the file is UTF-8 with a byte order mark", async () => {
  const file = await writeCsvFile(await build(["Łódź", "🙂"]), 1000, pacer);
  assert.equal(file.type, "text/csv;charset=utf-8");
  const bytes = new Uint8Array(await file.arrayBuffer());
  assert.deepEqual([...bytes.slice(0, 3)], [0xEF, 0xBB, 0xBF]);
  assert.equal(new TextDecoder().decode(bytes), "v\r\nŁódź\r\n🙂\r\n");
});

test("a large file is written in parts, and the browser has time between them", async () => {
  const count = 200_000;
  const values = new Float64Array(count).map((_, row) => row / 7);
  const table = await build(values);
  let pauses = 0;
  const fractions = [];
  const file = await writeCsvFile(table, 1e9, { pause: async () => { pauses += 1; } }, (each) => fractions.push(each));
  const lines = (await file.text()).replace("\uFEFF", "").trim().split("\r\n");
  assert.deepEqual(lines.slice(1).map(Number), [...values]);
  assert.ok(pauses > file.size / 20_000, "a page must not wait long for a pause");
  assert.ok(fractions.every((each, nth) => each > (fractions[nth - 1] ?? 0) && each <= 1));
});

test("the size is estimated from some rows", async () => {
  const numbers = new Float64Array(50_000).map((_, row) => row / 3);
  for (const values of [numbers, Array.from({ length: 5000 }, () => "€€€")]) {
    const table = await build(values);
    const { size } = await writeCsvFile(table, 1e9, pacer);
    const estimated = await estimateBytes(table, pacer);
    assert.ok(Math.abs(estimated - size) < size / 20, `${estimated} is not about ${size}`);
  }
});

test("a file that is too large is refused before it is written", async () => {
  const table = await build(new Float64Array(1_000_000).fill(1 / 3));
  let formatted = 0;
  table.formatRows = function* () { formatted += 1; };
  await assert.rejects(writeCsvFile(table, 5_000_000, pacer), {
    message: "1,000,000 rows make a file of 20 MB, and this browser can hold 5 MB. "
      + "Select rows, or zoom in and choose the visible rows.",
  });
  assert.equal(formatted, 0);
});

test("a file that grows beyond the estimate is given up", async () => {
  const values = Array.from({ length: 100_000 }, (_, row) => row % 200 === 0 ? "" : "a long text ".repeat(10));
  await assert.rejects(writeCsvFile(await build(values), 5_000_000, pacer), /this browser can hold 5 MB/);
});

test("browsers that tell their memory hold an eighth of it", () => {
  assert.deepEqual([8, 0.5, undefined].map((deviceMemory) => findMaxBytes({ deviceMemory })), [1e9, 62_500_000, 5e8]);
});

test("sizes are written for people", () => {
  assert.deepEqual([999, 1500, 2_400_000, 3.21e9].map(formatBytes), ["999 bytes", "2 kB", "2 MB", "3.2 GB"]);
});

test("writing ends when the viewer cancels", async () => {
  const stop = new AbortController();
  const table = await build(new Float64Array(500_000));
  let time = 0;
  const writing = writeCsvFile(table, 1e9, new Pacer(stop.signal, () => time += 100), () => stop.abort());
  await assert.rejects(writing, { name: "AbortError" });
});
