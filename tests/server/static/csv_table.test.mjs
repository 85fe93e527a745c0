import assert from "node:assert/strict";
import test from "node:test";
import { buildCsvTable } from "../../../bokeh_share/server/static/csv_table.mjs";
import { createArray, pacer } from "./fakes.mjs";

const column = (name, values, others = {}) => ({ name, values, time: null, isSequence: false, ...others });
const date = (name, values) => column(name, values, { time: "date" });
const rowsOf = (count) => Array.from({ length: count }, (_, row) => row);
const block = (columns, rows, label = null) => ({ label, columns, rows });

/** The lines of the file, without the ends of lines. */
async function write(...blocks) {
  const table = await buildCsvTable(blocks, pacer);
  const text = table.header + [...table.formatRows()].map(({ lines }) => lines).join("");
  assert.ok(text.endsWith("\r\n"));
  return text.slice(0, -2).split("\r\n");
}

test("a row of the source is a line", async () => {
  const columns = [column("x", [1, 2, 3]), column("name", ["a", null, "c,d"])];
  assert.deepEqual(await write(block(columns, rowsOf(3))), ["x,name", "1,a", "2,", '3,"c,d"']);
});

test("only the given rows are written, in their order", async () => {
  assert.deepEqual(await write(block([column("x", [10, 20, 30])], [2, 0])), ["x", "30", "10"]);
});

test("a name of a column is no formula either", async () => {
  assert.deepEqual(await write(block([column("=x", [1])], [0])), ["'=x", "1"]);
});

for (const [dtype, numbers, expected] of [
  ["float64", [0.1, NaN, -Infinity], ["0.1", '""', "-inf"]],
  ["float32", [0.1, -2, NaN], ["0.1", "-2", '""']],
  ["int32", [-2147483648, 0, 2147483647], ["-2147483648", "0", "2147483647"]],
  ["uint32", [0, 1, 4294967295], ["0", "1", "4294967295"]],
  ["int16", [-32768, 0, 32767], ["-32768", "0", "32767"]],
  ["uint16", [0, 1, 65535], ["0", "1", "65535"]],
  ["int8", [-128, 0, 127], ["-128", "0", "127"]],
  ["uint8", [0, 1, 255], ["0", "1", "255"]],
  ["bool", [1, 0, 1], ["true", "false", "true"]],
  ["object", ["a", null, "=b"], ["a", '""', "'=b"]],
]) {
  test(`an array of ${dtype} is written`, async () => {
    const lines = await write(block([column("v", createArray(dtype, numbers))], rowsOf(3)));
    assert.deepEqual(lines, ["v", ...expected]);
  });
}

test("arrays of JavaScript without BokehJS's type are written too", async () => {
  const columns = [column("a", new Float32Array([0.1])), column("b", new Uint8Array([200]))];
  assert.deepEqual(await write(block(columns, [0])), ["a,b", "0.1,200"]);
});

test("dates of a column have one precision, that of the rows that are written", async () => {
  const dates = [Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 2, 12), NaN];
  assert.deepEqual(await write(block([date("d", createArray("float64", dates))], rowsOf(3))),
    ["d", "2024-01-01T00:00:00", "2024-01-02T12:00:00", '""']);
  assert.deepEqual(await write(block([date("d", dates)], [0])), ["d", "2024-01-01"]);
});

test("texts in a column of dates stay texts", async () => {
  assert.deepEqual(await write(block([date("d", ["2024-01-01", 0])], rowsOf(2))), ["d", "2024-01-01", "1970-01-01"]);
});

test("durations are written", async () => {
  const columns = [column("t", [90_000], { time: "duration" })];
  assert.deepEqual(await write(block(columns, [0])), ["t", "P0DT0H1M30S"]);
});

test("nested factors have a column for each level", async () => {
  const columns = [column("x", [["A", "2023"], ["B", "2024"]]), column("y", [1, 2])];
  assert.deepEqual(await write(block(columns, rowsOf(2))), ["x 1,x 2,y", "A,2023,1", "B,2024,2"]);
});

test("a line of points is a line of the file for each point, with the row's index", async () => {
  const columns = [column("xs", [[1, 2], [3], []]), column("ys", [[5, 6], [7], []]), column("name", ["a", "b", "c"])];
  assert.deepEqual(await write(block(columns, rowsOf(3))),
    ["row,xs,ys,name", "0,1,5,a", "0,2,6,a", "1,3,7,b", "2,,,c"]);
  assert.deepEqual(await write(block([...columns, column("row", [7, 8, 9])], [1])),
    ["row 2,xs,ys,name,row", "1,3,7,b,8"]);
});

test("points on an axis of factors are points", async () => {
  const columns = [column("xs", [["a", "b"], ["a", "b"]], { isSequence: true })];
  assert.deepEqual(await write(block(columns, rowsOf(2))), ["row,xs", "0,a", "0,b", "1,a", "1,b"]);
});

test("points of a two-dimensional array, of typed arrays and of dates are points", async () => {
  const grid = createArray("float64", [1, 2, 3, 4], [2, 2]);
  const typed = [new Float64Array([5, 6]), createArray("float64", [7, 8])];
  const dates = date("d", [[0, 86_400_000], [NaN, 0]]);
  assert.deepEqual(await write(block([column("xs", grid), column("ys", typed), dates], rowsOf(2))),
    ["row,xs,ys,d", "0,1,5,1970-01-01", "0,2,6,1970-01-02", "1,3,7,", "1,4,8,1970-01-01"]);
});

test("a row of an image is a line, and its columns are columns", async () => {
  const images = [createArray("float32", [0.1, 2, 3, 4], [2, 2]), createArray("uint8", [5, 6], [1, 2])];
  assert.deepEqual(await write(block([column("image", images), column("x", [7, 8])], rowsOf(2))),
    ["row,image 1,image 2,x", "0,0.1,2,7", "0,3,4,7", "1,5,6,8"]);
  const stacked = column("image", createArray("int8", [1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]));
  assert.deepEqual(await write(block([stacked], [1])), ["row,image 1,image 2", "1,5,6", "1,7,8"]);
});

test("cells that are nested deeper, or are of several kinds, are JSON", async () => {
  const polygons = column("xs", [[[[1, 2]]], null]);
  const image = column("image", [createArray("uint8", [1, 2, 3, 4], [2, 2]), createArray("uint8", [5], [1, 1])]);
  const mixed = column("mixed", [1, [2]]);
  const cubes = column("cubes", createArray("int8", [1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 2, 2]));
  assert.deepEqual(await write(block([polygons, image, mixed, cubes], rowsOf(2))), [
    "xs,image,mixed,cubes", '"[[[1,2]]]","[[1,2],[3,4]]",1,"[[[1,2],[3,4]]]"', ',[[5]],[2],"[[[5,6],[7,8]]]"',
  ]);
});

test("columns of different lengths have empty cells at their ends", async () => {
  const [short, truth] = [createArray("float64", [5]), createArray("bool", [1])];
  const columns = [column("x", [1, 2]), column("y", short), column("t", truth)];
  assert.deepEqual(await write(block(columns, rowsOf(2))), ["x,y,t", "1,5,true", "2,,"]);
});

test("several sources in one file have a column that tells them apart", async () => {
  const one = [column("x", [1]), date("d", [0])];
  const other = [column("x", createArray("int8", [2])), date("d", [3_600_000])];
  assert.deepEqual(await write(block(one, [0], "Sales"), block(other, [0], "=Costs")),
    ["series,x,d", "Sales,1,1970-01-01T00:00:00", "'=Costs,2,1970-01-01T01:00:00"]);
});

test("a change of the plot while its file is written does not change the file", async () => {
  const [list, array] = [[1, 2], createArray("float64", [3, 4])];
  const building = buildCsvTable([block([column("a", list), column("b", array)], rowsOf(2))], pacer);
  list[1] = 9;
  array[1] = 9;
  const table = await building;
  assert.deepEqual([...table.formatRows()].map(({ lines }) => lines), ["1,3\r\n", "2,4\r\n"]);
});

test("a row of many points comes in parts", async () => {
  const points = column("xs", [new Float64Array(5000)], { isSequence: true });
  const table = await buildCsvTable([block([points], [0])], pacer);
  const parts = [...table.formatRows()];
  assert.ok(parts.length > 1);
  assert.deepEqual(parts.map(({ isRowEnd }) => isRowEnd), parts.map((_, nth) => nth === parts.length - 1));
  assert.equal(parts.map(({ lines }) => lines).join("").split("\r\n").length, 5001);
});
