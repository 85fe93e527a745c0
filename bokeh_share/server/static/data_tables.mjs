// Lists the data of a plot as tables: one for each data source whose columns the plot uses.

import { isPlot, isTable, listSourceUses } from "./column_uses.mjs";
import { listColumns } from "./columns.mjs";
import { listModels, readAttribute } from "./models.mjs";

/**
 * @import { Column } from "./columns.mjs"
 * @import { SourceUse } from "./column_uses.mjs"
 * @import { SourceColumn } from "./csv_columns.mjs"
 */

/**
 * `users` are the models that use the source: renderers, annotations and tables.
 * @typedef {{ source: BokehJS.Model, label: string, columns: SourceColumn[], rowCount: number,
 *   users: BokehJS.Model[] }} DataTable
 */

/**
 * @param {BokehJS.Document} bokeh
 * @returns {DataTable[]}
 */
export function listDataTables(bokeh) {
  const names = new UserNames(listModels(bokeh));
  const tables = listSourceUses(bokeh).map((use) => {
    const columns = listUsedColumns(use);
    const rowCount = Math.max(0, ...columns.map(({ values }) => countRows(values)));
    return { source: use.source, label: names.describe(use.users), columns, rowCount, users: use.users };
  }).filter(({ columns }) => columns.length > 0);
  return numberEqualLabels(tables);
}

/**
 * Returns true if the rows of these tables can be in one file.
 * @param {DataTable[]} tables
 */
export function haveSameColumns(tables) {
  const descriptions = tables.map(({ columns }) => JSON.stringify(columns.map(({ name, time }) => [name, time])));
  return new Set(descriptions).size === 1;
}

/**
 * In the author's order.
 * @param {SourceUse} use
 * @returns {SourceColumn[]}
 */
function listUsedColumns({ source, columns }) {
  return listColumns(source.data).flatMap(([name, values]) => {
    const use = columns.get(name);
    return use ? [{ name, values, ...use }] : [];
  });
}

/**
 * BokehJS has an array of several dimensions as one flat array.
 * @param {Column & { shape?: number[] }} values
 */
const countRows = ({ shape, length }) => shape?.[0] ?? length;

// Names sources by what uses them: the texts of legends, or the names that the author gave, or the kinds of glyphs.
class UserNames {
  #models;
  /** @type {Map<BokehJS.Model, string>} By renderer. */
  #legendTexts = new Map();

  /** @param {BokehJS.Model[]} models */
  constructor(models) {
    this.#models = models;
    for (const item of models.filter(({ properties }) => properties.label && properties.renderers)) {
      const text = readAttribute(item, "label")?.value;
      if (typeof text !== "string" || !text) continue;
      for (const renderer of readAttribute(item, "renderers")) this.#legendTexts.set(renderer, text);
    }
  }

  /** @param {BokehJS.Model[]} users */
  describe(users) {
    const names = users.flatMap((user) => this.#legendTexts.get(user) ?? readAttribute(user, "name") ?? []);
    const kinds = users.map((user) => isTable(user) ? "Table" : (readAttribute(user, "glyph") ?? user).type);
    const text = [...new Set(names.length ? names : kinds)].join(", ");
    const title = this.#findTitle(users);
    return title ? `${title}: ${text}` : text;
  }

  /**
   * Returns the title of the plot that these models are in, if there are several plots.
   * @param {BokehJS.Model[]} users
   */
  #findTitle(users) {
    const plots = this.#models.filter(isPlot);
    const [plot, ...others] = plots.filter((each) => {
      return readAttribute(each, "renderers").some((/** @type {BokehJS.Model} */ renderer) => users.includes(renderer));
    });
    if (!plot || others.length > 0 || plots.length < 2) return "";
    const title = readAttribute(plot, "title");
    return typeof title === "string" ? title : (title && readAttribute(title, "text")) ?? "";
  }
}

/**
 * @param {DataTable[]} tables
 * @returns {DataTable[]}
 */
function numberEqualLabels(tables) {
  const labels = tables.map(({ label }) => label);
  /** @type {Map<string, number>} */
  const counts = new Map();
  return tables.map((table) => {
    const { label } = table;
    if (labels.indexOf(label) === labels.lastIndexOf(label)) return table;
    const number = (counts.get(label) ?? 0) + 1;
    counts.set(label, number);
    return { ...table, label: `${label} ${number}` };
  });
}
