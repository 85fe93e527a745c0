// Creates and removes documents of BokehJS.

import { isDataDerived, listColumns } from "./columns.mjs";
import { listModels } from "./models.mjs";

/**
 * @import { Columns } from "./columns.mjs"
 * @import { Buffers, JsonValue, Patch, PatchEvent } from "./messages.mjs"
 */

/**
 * @param {JsonValue[]} defs definitions of models that BokehJS does not have
 * @returns {BokehJS.Document}
 */
export function createDocument(defs) {
  const { Document } = Bokeh.require("document/document");
  return Document.from_json({ version: Bokeh.version, title: "", roots: [], defs });
}

/** @returns {BokehJS.Document} */
export function getNewestDocument() {
  return /** @type {BokehJS.Document} */ (Bokeh.documents.at(-1));
}

/**
 * Removes a document from the list of BokehJS, which would keep it in memory.
 * @param {BokehJS.Document | null} bokeh
 */
export function unlistDocument(bokeh) {
  const index = bokeh ? Bokeh.documents.indexOf(bokeh) : -1;
  if (index >= 0) Bokeh.documents.splice(index, 1);
}

/**
 * Creates a document that is never drawn.
 * @param {(bokeh: BokehJS.Document) => void} fill
 * @param {JsonValue[]} defs
 */
function createHiddenDocument(fill, defs = []) {
  const bokeh = createDocument(defs);
  try {
    fill(bokeh);
  } finally {
    unlistDocument(bokeh);
  }
  return bokeh;
}

/**
 * Creates a document without views. BokehJS's log is off: its warnings were logged when the plot was drawn, or
 * are about missing columns.
 * @param {[Patch, Buffers]} patch
 * @param {JsonValue[]} defs definitions of models that BokehJS does not have
 */
export function createPristineDocument([patch, buffers], defs = []) {
  return createHiddenDocument((bokeh) => {
    const { level } = Bokeh.logger;
    Bokeh.logger.set_level("off");
    try {
      bokeh.apply_json_patch(patch, buffers);
    } finally {
      Bokeh.logger.set_level(level);
    }
  }, defs);
}

/**
 * Returns the columns of the wanted sources, by id, with these changes applied. The document's sources stay
 * unchanged.
 * @param {BokehJS.Document} bokeh
 * @param {(id: string) => boolean} isWanted
 * @param {PatchEvent[]} changes
 * @param {Buffers} buffers
 */
export function readColumns(bokeh, isWanted, changes, buffers) {
  const sources = listModels(bokeh).filter((model) => model.data && !isDataDerived(model) && isWanted(model.id));
  /** @type {Map<string, Columns>} */
  const columns = new Map(sources.map(({ id, data }) => [id, new Map(listColumns(data))]));
  const changed = new Set(changes.map(({ model }) => model.id));
  if (changed.size === 0) return columns;
  const changing = createHiddenDocument((hidden) => {
    const events = [...changed].map((id) => {
      const model = { type: "object", name: "ColumnDataSource", id, attributes: { data: columns.get(id) } };
      return { kind: "RootAdded", model };
    });
    hidden.apply_json_patch({ events });
    hidden.apply_json_patch({ events: changes }, buffers);
  });
  for (const { id, data } of changing.roots()) columns.set(id, new Map(listColumns(data)));
  return columns;
}
