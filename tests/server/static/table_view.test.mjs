import assert from "node:assert/strict";
import test from "node:test";
import { isNumber, listTableRows } from "../../../bokeh_share/server/static/table_view.mjs";

test("numbers stand on the right", () => {
  for (const text of ["1", "-2.5", "+1,000", "1e-5", "12 %", "NaN", "1 000.5"]) assert.ok(isNumber(text), text);
  for (const text of ["", "a", "2026-11-30", "1a", "-", "."]) assert.ok(!isNumber(text), text);
});

test("the rows of a table have the texts of all its cells, once each", () => {
  const head = [[["A", { header: true, colspan: 2 }], "B"]];
  const body = [[["r", { rowspan: 2 }], "1", "2"], ["3", "4"]];
  assert.deepEqual(listTableRows({ caption: "c", notes: [], head, body, foot: [["sum"]] }), [
    ["A", "", "B"], ["r", "1", "2"], ["", "3", "4"], ["sum"],
  ]);
});
