// Writes the rows of data sources as the lines of a CSV file.

import { copyColumn, createFormatter, createItemFormatter, createReader, findLayout } from "./csv_columns.mjs";
import { formatText } from "./csv_cells.mjs";

/**
 * @import { ColumnCopy, ColumnLayout, Rows, SourceColumn } from "./csv_columns.mjs"
 * @import { Pacer } from "./pacer.mjs"
 */

/**
 * Rows of one source. Sources that are written to one file have the same columns, and a label that tells their rows
 * apart.
 * @typedef {{ label: string | null, columns: SourceColumn[], rows: Rows }} CsvBlock
 *
 * Writes the cells of one column: how many lines a row needs for them, and the text in one of these lines.
 * @typedef {{ countLines(row: number): number, format(row: number, line: number): string }} CellWriter
 *
 * @typedef {{ lead: string, rows: Rows, writers: CellWriter[] }} BlockWriter
 */

const LINE_END = "\r\n";
const LABEL_COLUMN = "series";
const ROW_COLUMN = "row";
// A program would skip an empty line.
const ONLY_CELL_MISSING = '""';
const CELLS_PER_PART = 1024;

export class CsvTable {
  #blocks;
  #names;
  #hasPoints;

  /**
   * @param {string[]} names of the columns
   * @param {BlockWriter[]} blocks
   * @param {boolean} hasPoints true if a row is written as several lines, each with the row's index
   */
  constructor(names, blocks, hasPoints) {
    this.#names = names;
    this.#blocks = blocks;
    this.#hasPoints = hasPoints;
  }

  get header() {
    return this.#names.map(formatText).join(",") + LINE_END;
  }

  get rowCount() {
    return this.#blocks.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /**
   * Yields the lines of one row after the other. A row of many points comes in parts.
   * @returns {Generator<{ lines: string, isRowEnd: boolean }>}
   */
  *formatRows() {
    for (const block of this.#blocks) {
      for (let index = 0; index < block.rows.length; index += 1) {
        const lineCount = this.#countLines(block, index);
        const partLength = countPartLines(block);
        for (let line = 0; line < lineCount; line += partLength) {
          const end = Math.min(lineCount, line + partLength);
          yield { lines: this.#formatLines(block, index, line, end), isRowEnd: end === lineCount };
        }
      }
    }
  }

  /**
   * Yields lines of rows that are evenly distributed, at most so many rows of each block, with the number of times
   * that the file has lines like these.
   * @param {number} maxRows
   * @returns {Generator<{ lines: string, factor: number }>}
   */
  *sampleRows(maxRows) {
    for (const block of this.#blocks) {
      const count = Math.min(maxRows, block.rows.length);
      const step = block.rows.length / count;
      for (let nth = 0; nth < count; nth += 1) {
        const index = Math.floor(nth * step);
        const lineCount = this.#countLines(block, index);
        const sampled = Math.min(lineCount, countPartLines(block));
        yield { lines: this.#formatLines(block, index, 0, sampled), factor: step * lineCount / sampled };
      }
    }
  }

  /**
   * @param {BlockWriter} block
   * @param {number} index of the row
   */
  #countLines({ rows, writers }, index) {
    return this.#hasPoints ? Math.max(1, ...writers.map((writer) => writer.countLines(rows[index] ?? 0))) : 1;
  }

  /**
   * @param {BlockWriter} block
   * @param {number} index of the row
   * @param {number} start of its lines
   * @param {number} end
   */
  #formatLines({ lead, rows, writers }, index, start, end) {
    const row = rows[index] ?? 0;
    const first = this.#hasPoints ? `${lead}${row},` : lead;
    let text = "";
    for (let line = start; line < end; line += 1) {
      let cells = first;
      for (let place = 0; place < writers.length; place += 1) {
        if (place > 0) cells += ",";
        cells += writers[place]?.format(row, line);
      }
      text += (cells || ONLY_CELL_MISSING) + LINE_END;
    }
    return text;
  }
}

/** @param {BlockWriter} block */
const countPartLines = ({ writers }) => Math.ceil(CELLS_PER_PART / writers.length);

/**
 * Copies the columns, so that the file has one state of the plot, and finds how they are written.
 * @param {CsvBlock[]} blocks
 * @param {Pacer} pacer
 */
export async function buildCsvTable(blocks, pacer) {
  const columns = blocks[0]?.columns ?? [];
  const copies = blocks.map((block) => block.columns.map(({ values }) => copyColumn(values)));
  /** @type {ColumnLayout[]} */
  const layouts = [];
  for (const place of columns.keys()) {
    layouts.push(await findLayout(blocks.flatMap(({ columns, rows }, nth) => {
      const [column, copy] = [columns[place], copies[nth]?.[place]];
      return column && copy ? [{ column, copy, rows }] : [];
    }), pacer));
  }
  const hasPoints = layouts.some(({ kind }) => kind === "points" || kind === "images");
  const hasLabels = blocks.some(({ label }) => label !== null);
  const names = listNames([...hasLabels ? [LABEL_COLUMN] : [], ...hasPoints ? [ROW_COLUMN] : []], columns, layouts);
  return new CsvTable(names, blocks.map(({ label, columns, rows }, nth) => ({
    lead: hasLabels ? `${formatText(label ?? "")},` : "",
    rows,
    writers: layouts.flatMap((layout, place) => {
      const [column, copy] = [columns[place], copies[nth]?.[place]];
      return column && copy ? createWriters(column, copy, layout) : [];
    }),
  })), hasPoints);
}

/**
 * Returns the names of the file's columns. A name of ours that the source has too gets a number.
 * @param {string[]} leading
 * @param {SourceColumn[]} columns
 * @param {ColumnLayout[]} layouts
 */
function listNames(leading, columns, layouts) {
  const names = columns.flatMap(({ name }, place) => {
    const { kind, width } = layouts[place] ?? { kind: "plain", width: 1 };
    const isWide = kind === "factors" || kind === "images";
    return isWide ? Array.from({ length: width }, (_, nth) => `${name} ${nth + 1}`) : [name];
  });
  return [...leading.map((name) => findFreeName(name, names)), ...names];
}

/**
 * @param {string} name
 * @param {string[]} taken
 */
function findFreeName(name, taken) {
  let free = name;
  for (let number = 2; taken.includes(free); number += 1) free = `${name} ${number}`;
  return free;
}

/**
 * @param {SourceColumn} column
 * @param {ColumnCopy} copy
 * @param {ColumnLayout} layout
 * @returns {CellWriter[]}
 */
function createWriters(column, copy, { kind, width, precision }) {
  const read = createReader(copy);
  const formatItem = createItemFormatter(column, copy.dtype, precision);
  const countOne = () => 1;
  if (kind === "points") {
    const countLines = (/** @type {number} */ row) => read(row)?.length ?? 0;
    return [{ countLines, format: (row, line) => formatItem(read(row), line) }];
  }
  if (kind === "plain") {
    const format = createFormatter(column, copy.dtype, precision);
    return [{ countLines: countOne, format: (row) => format(read(row)) }];
  }
  const countLines = kind === "factors" ? countOne : (/** @type {number} */ row) => read(row)?.shape[0] ?? 0;
  return Array.from({ length: width }, (_, nth) => {
    return { countLines, format: (row, line) => formatItem(read(row), line * width + nth) };
  });
}
