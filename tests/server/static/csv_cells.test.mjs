import assert from "node:assert/strict";
import test from "node:test";
import {
  formatDate, formatTimedelta, formatFloat32, formatNumber, formatText, formatValue, widenPrecision,
} from "../../../bokeh_share/server/static/csv_cells.mjs";

for (const [text, expected] of [
  ["plain", "plain"],
  ["", '""'],
  ["a,b", '"a,b"'],
  ["a;b", '"a;b"'],
  ['say "yes"', '"say ""yes"""'],
  ["two\nlines", '"two\nlines"'],
  [" padded ", '" padded "'],
  ["Łódź 東京 🙂", "Łódź 東京 🙂"],
]) {
  test(`the text ${JSON.stringify(text)} is written so that a reader gets it back`, () => {
    assert.equal(formatText(text), expected);
  });
}

for (const text of ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=", "-", "＝1", "+49 1234", "-inf"]) {
  test(`the text ${JSON.stringify(text)} is no formula in a spreadsheet`, () => {
    const cell = formatText(text).replace(/^"/, "").replaceAll('""', '"');
    assert.equal(cell[0], "'");
  });
}

test("a text that has the mark already gets one more, so that removing one gives the text", () => {
  const texts = ["=1", "'=1", "''@x", "'quoted'", "it's", "'", "-5", "'-5"];
  const unmark = (cell) => /^'+[=+\-@\t\r\n]/.test(cell) ? cell.slice(1) : cell;
  assert.deepEqual(texts.map((text) => unmark(formatText(text))), texts);
});

test("negative numbers stay numbers, also those that are texts", () => {
  assert.deepEqual([-5, -0.5, -1e300].map(formatNumber), ["-5", "-0.5", "-1e+300"]);
  assert.deepEqual(["-5", "-0.5", "+3", "-1e-7", "-.5"].map(formatText), ["-5", "-0.5", "+3", "-1e-7", "-.5"]);
});

test("numbers have all of their digits", () => {
  const numbers = [0.1, 1 / 3, 2 ** 53, 5e-324];
  assert.deepEqual(numbers.map((each) => Number(formatNumber(each))), numbers);
});

test("a number that is missing is an empty cell, and infinite ones have a name", () => {
  assert.deepEqual([NaN, Infinity, -Infinity].map(formatNumber), ["", "inf", "-inf"]);
  assert.deepEqual([NaN, Infinity, -Infinity].map(formatFloat32), ["", "inf", "-inf"]);
});

test("numbers of 32 bits are as short as they can be", () => {
  const numbers = [0.1, 1 / 3, 16777216, 3.4e38, 1.4e-45, -2.5];
  const texts = [...new Float32Array(numbers)].map(formatFloat32);
  assert.deepEqual(new Float32Array(texts.map(Number)), new Float32Array(numbers));
  assert.deepEqual([texts[0], texts[5]], ["0.1", "-2.5"]);
});

test("dates are ISO 8601, in the precision that all dates of the column have", () => {
  const noon = Date.UTC(2024, 1, 29, 12);
  assert.equal(formatDate(Date.UTC(2024, 1, 29), "day"), "2024-02-29");
  assert.equal(formatDate(noon, "second"), "2024-02-29T12:00:00");
  assert.equal(formatDate(noon + 5, "millisecond"), "2024-02-29T12:00:00.005");
  assert.equal(formatDate(noon + 5.25, "microsecond"), "2024-02-29T12:00:00.005250");
  assert.equal(formatDate(-1, "millisecond"), "1969-12-31T23:59:59.999");
  assert.equal(formatDate(NaN, "day"), "");
});

test("microseconds of today are exact, although they are a fraction of a number", () => {
  const start = Date.UTC(2026, 10, 30, 4);
  for (let micros = 0; micros < 1000; micros += 1) {
    assert.equal(formatDate(start + micros / 1000, "microsecond").slice(-3), `${micros}`.padStart(3, "0"));
  }
});

test("a date that no calendar has is a number, and one with a sign is no formula", () => {
  assert.equal(formatDate(1e17, "day"), "100000000000000000");
  assert.equal(formatDate(Date.UTC(12024, 0, 1), "day"), "'+012024-01-01");
});

test("the precision is that of the most precise date", () => {
  const midnight = Date.UTC(2024, 0, 1);
  const find = (...dates) => dates.reduce((precision, each) => widenPrecision(each, precision), "day");
  assert.equal(find(midnight, midnight + 86_400_000, NaN, null, "text"), "day");
  assert.equal(find(midnight, midnight + 60_000), "second");
  assert.equal(find(midnight + 60_000, midnight + 1, midnight), "millisecond");
  assert.equal(find(midnight + 0.001, midnight), "microsecond");
});

test("durations are ISO 8601, and no formulas", () => {
  assert.equal(formatTimedelta(0), "P0DT0H0M0S");
  assert.equal(formatTimedelta(93_784_500), "P1DT2H3M4.5S");
  assert.equal(formatTimedelta(-7_200_000), "P-1DT22H0M0S");
  assert.equal(formatTimedelta(NaN), "");
});

test("values without a type are written by what they are", () => {
  const values = [null, undefined, true, false, 2.5, NaN, "a"];
  assert.deepEqual(values.map(formatValue), ["", "", "true", "false", "2.5", "", "a"]);
  assert.equal(formatValue([1, NaN, "x"]), '"[1,null,""x""]"');
  assert.equal(formatValue({ a: 1 }), '"{""a"":1}"');
  assert.equal(formatValue(new Map([["a", [1]]])), '"{""a"":[1]}"');
});

test("an array with a shape is nested", () => {
  const image = Object.assign(new Float64Array([1, 2, 3, 4, 5, 6]), { shape: [3, 2] });
  assert.equal(formatValue(image), '"[[1,2],[3,4],[5,6]]"');
});
