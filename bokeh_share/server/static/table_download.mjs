// Saves a table that a cell displayed as a CSV file.

import { formatText } from "./csv_cells.mjs";
import { buildDownloadName, downloadFile } from "./file_download.mjs";
import { listTableRows } from "./table_view.mjs";

/** @import { MediaDrawing } from "./media_drawing.mjs" */

// Spreadsheets take a file without it for one in the encoding of the system.
const CSV_MARK = "\uFEFF";

/**
 * @param {string} heading of the card
 * @param {MediaDrawing} drawing of a table
 */
export function downloadTable(heading, { bytes }) {
  const rows = listTableRows(JSON.parse(new TextDecoder().decode(bytes)));
  const lines = rows.map((row) => `${row.map(formatText).join(",")}\r\n`);
  downloadFile(new Blob([CSV_MARK, ...lines], { type: "text/csv;charset=utf-8" }), buildDownloadName([heading], ".csv"));
}
