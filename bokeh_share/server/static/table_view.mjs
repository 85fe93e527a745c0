// Shows a table: its texts, spans and colours. Nothing in it is HTML.

import { createElement } from "./dom.mjs";

/**
 * @import { MediaView } from "./media_drawing.mjs"
 *
 * @typedef {{ header?: boolean, colspan?: number, rowspan?: number, align?: string, bold?: boolean, italic?: boolean,
 *   line?: string, color?: string, background?: string }} CellDetails
 * @typedef {string | [text: string, details: CellDetails]} TableCell
 * @typedef {{ caption: string, notes: string[], head: TableCell[][], body: TableCell[][],
 *   foot: TableCell[][] }} TableContent
 */

const NUMBER = /^[+\-−]?[\d.,\s]*\d[\d.,\s]*(?:[eE][+-]?\d+)?\s*%?$/;

// A background that would load something.
const LOADS = /url|image|src/i;

/**
 * @param {TableContent} content
 * @returns {MediaView}
 */
export function createTable({ caption, notes, head, body, foot }) {
  const table = createElement("table", "data-table");
  const numeric = (body[0] ?? []).map((cell) => isNumber(readCell(cell)[0]));
  if (caption) table.append(createElement("caption", "", caption));
  for (const [tag, rows] of /** @type {const} */ ([["thead", head], ["tbody", body], ["tfoot", foot]])) {
    const alignments = tag === "thead" ? numeric : [];
    if (rows.length) table.append(createElement(tag, "", ...rows.map((row) => createRow(row, alignments))));
  }
  const texts = notes.map((note) => createElement("p", "table-note", note));
  return { element: createElement("div", "table-box", table, ...texts), release: () => {} };
}

/**
 * @param {TableCell[]} cells
 * @param {boolean[]} isNumeric true for each column of numbers, above which a heading stands on the right
 */
function createRow(cells, isNumeric) {
  return createElement("tr", "", ...cells.map((cell, index) => createCell(cell, isNumeric[index] ?? false)));
}

/**
 * @param {TableCell} cell
 * @param {boolean} isRight
 */
function createCell(cell, isRight) {
  const [text, details] = readCell(cell);
  const element = createElement(details.header ? "th" : "td", "", text);
  if (details.colspan) element.colSpan = details.colspan;
  if (details.rowspan) element.rowSpan = details.rowspan;
  const { style } = element;
  style.textAlign = details.align ?? (isRight || isNumber(text) ? "right" : "");
  if (details.bold) style.fontWeight = "bold";
  if (details.italic) style.fontStyle = "italic";
  if (details.line) style.textDecoration = details.line;
  if (details.color) style.color = details.color;
  if (details.background && !LOADS.test(details.background)) style.background = details.background;
  return element;
}

/**
 * @param {TableCell} cell
 * @returns {[string, CellDetails]}
 */
const readCell = (cell) => typeof cell === "string" ? [cell, {}] : cell;

/** @param {string} text */
export const isNumber = (text) => NUMBER.test(text) || /^(?:nan|-?inf|NaN|NaT|None|null)$/.test(text);

/**
 * Returns the texts of a table row by row. A cell that spans several is empty but for the first.
 * @param {TableContent} content
 * @returns {string[][]}
 */
export function listTableRows({ head, body, foot }) {
  /** @type {string[][]} */
  const rows = [];
  [...head, ...body, ...foot].forEach((cells, index) => {
    const row = rows[index] ??= [];
    let column = 0;
    for (const cell of cells) {
      const [text, { colspan = 1, rowspan = 1 }] = readCell(cell);
      while (row[column] !== undefined) column += 1;
      for (let below = 0; below < rowspan; below += 1) {
        const target = rows[index + below] ??= [];
        for (let right = 0; right < colspan; right += 1) target[column + right] = below || right ? "" : text;
      }
      column += colspan;
    }
  });
  return rows.map((row) => Array.from(row, (text) => text ?? ""));
}
