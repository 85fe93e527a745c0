// Offers the data of a plot as a CSV file.

import { listDataTables } from "./data_tables.mjs";
import { createPristineDocument } from "./documents.mjs";
import { DownloadDialog } from "./download_dialog.mjs";
import { downloadTable } from "./table_download.mjs";

/**
 * @import { PlotData } from "./download_dialog.mjs"
 * @import { Tool, ToolTarget } from "./tool_menu.mjs"
 */

const NO_DATA = "This plot has no data that could be a table.";
const NO_ROWS = "The data of this plot have no rows.";
const NOT_READY = "The data of this plot have not arrived yet. Try again when the plot is drawn.";

/** @type {Tool<ToolTarget>} */
export const downloadData = {
  id: "download-data",
  label: "Download data…",
  isAvailable: (card) => card.canDownload && hasData(card.drawing),
  run: (card) => card.drawing && "media" in card.drawing ? downloadTable(card.heading, card.drawing) : openDialog({
    title: card.heading,
    isAllowed: () => card.canDownload,
    getDocument: () => readDocument(card),
  }),
};

/** @param {ToolTarget["drawing"]} drawing null for a plot that is not drawn yet */
function hasData(drawing) {
  if (!drawing) return true;
  return "media" in drawing ? drawing.kind === "table" : listDataTables(drawing.bokeh).length > 0;
}

/**
 * Resolves with a text for the viewer when the dialog is closed.
 * @param {PlotData} data
 */
async function openDialog(data) {
  const bokeh = data.getDocument();
  if (!bokeh) return NOT_READY;
  const tables = listDataTables(bokeh);
  if (tables.length === 0) return NO_DATA;
  return tables.every(({ rowCount }) => rowCount === 0) ? NO_ROWS : new DownloadDialog(data).open();
}

/**
 * Returns the document on screen, or one with the state of a plot that is not drawn; null if neither is possible,
 * since BokehJS is still loading.
 * @param {ToolTarget} card
 */
function readDocument({ drawing, undrawn }) {
  if (drawing) return drawing.bokeh;
  if (!undrawn || "media" in undrawn) return null;
  const { patch, buffers, defs } = undrawn.buildMessage();
  try {
    return createPristineDocument([patch, buffers], defs);
  } catch (error) {
    console.info("the data of a plot that is not drawn cannot be read yet:", error);
    return null;
  }
}
