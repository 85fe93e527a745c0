// Asks the viewer which data they want, and saves them as a CSV file.

import { findMaxBytes, formatBytes, writeCsvFile } from "./csv_file.mjs";
import { buildCsvTable } from "./csv_table.mjs";
import { ViewerError } from "./custom_models.mjs";
import { findRows } from "./data_rows.mjs";
import { haveSameColumns, listDataTables } from "./data_tables.mjs";
import { createElement, setText } from "./dom.mjs";
import { buildDownloadName, downloadFile } from "./file_download.mjs";
import { Pacer } from "./pacer.mjs";

/**
 * @import { RowChoice } from "./data_rows.mjs"
 * @import { DataTable } from "./data_tables.mjs"
 */

/**
 * The plot whose data the viewer wants.
 * @typedef {object} PlotData
 * @property {string} title
 * @property {() => boolean} isAllowed false if the author forbids downloads
 * @property {() => BokehJS.Document | null} getDocument returns the current state of the plot
 */

/** @type {[RowChoice, string][]} */
const ROW_CHOICES = [["all", "All rows"], ["selected", "Selected rows"], ["visible", "Visible rows"]];
const TOGETHER = "together";
const MAX_LISTED_COLUMNS = 12;
const MAX_SHEET_ROWS = 1_048_575;
const FORBIDDEN = "The author does not allow downloads.";
const CHANGED = "The plot changed, and does not have these data any more. Close this, and open it again.";
const NO_ROWS = "There are no such rows now.";
const FAILED = "The file could not be written.";

export class DownloadDialog {
  #data;
  #element = createElement("dialog", "tool-dialog");
  #tableSelect = createElement("select", "");
  #tableField = createElement("label", "tool-dialog-field", "Data of ", this.#tableSelect);
  #columnsText = createElement("p", "tool-dialog-note");
  #progress = createElement("progress", "");
  #status = createElement("p", "tool-dialog-status");
  #saveButton = createElement("button", "tool-dialog-button", "Download CSV");
  /** @type {Map<RowChoice, { input: HTMLInputElement, count: HTMLElement }>} */
  #rowInputs = new Map();
  #work = new AbortController();
  /** @type {DataTable[]} */
  #tables = [];
  #result = "";

  /** @param {PlotData} data */
  constructor(data) {
    this.#data = data;
    const heading = createElement("h2", "", "Download data");
    heading.id = "download-heading";
    this.#element.setAttribute("aria-labelledby", heading.id);
    this.#status.setAttribute("role", "status");
    this.#progress.setAttribute("aria-label", "Progress");
    this.#progress.hidden = true;
    const cancelButton = createElement("button", "tool-dialog-button", "Cancel");
    for (const each of [cancelButton, this.#saveButton]) each.type = "button";
    this.#saveButton.classList.add("primary");
    this.#tableSelect.addEventListener("change", () => this.#updateChoices());
    cancelButton.addEventListener("click", () => this.#element.close());
    this.#saveButton.addEventListener("click", () => this.#save());
    const actions = createElement("div", "tool-dialog-actions", cancelButton, this.#saveButton);
    const texts = [this.#columnsText, this.#progress, this.#status];
    this.#element.append(heading, this.#tableField, this.#createRowField(), ...texts, actions);
  }

  /**
   * Resolves with a text about the saved file, or an empty one, when the viewer closes the dialog.
   * @returns {Promise<string>}
   */
  open() {
    document.body.append(this.#element);
    this.#listTables();
    this.#element.showModal();
    return new Promise((resolve) => this.#element.addEventListener("close", () => {
      this.#work.abort();
      this.#element.remove();
      resolve(this.#result);
    }, { once: true }));
  }

  #createRowField() {
    const field = createElement("fieldset", "", createElement("legend", "", "Rows"));
    field.addEventListener("keydown", ({ key }) => { if (key === "Enter" && !this.#saveButton.disabled) this.#save(); });
    for (const [choice, label] of ROW_CHOICES) {
      const input = createElement("input", "");
      const count = createElement("span", "tool-dialog-count");
      Object.assign(input, { type: "radio", name: "rows", value: choice, checked: choice === "all" });
      field.append(createElement("label", "", input, `${label} `, count));
      this.#rowInputs.set(choice, { input, count });
    }
    return field;
  }

  #listTables() {
    const bokeh = this.#data.getDocument();
    this.#tables = bokeh ? listDataTables(bokeh) : [];
    const options = this.#tables.map(({ label, source }) => new Option(label, source.id));
    if (this.#tables.length > 1 && haveSameColumns(this.#tables)) {
      options.unshift(new Option(`all ${this.#tables.length}, in one file`, TOGETHER));
    }
    this.#tableSelect.replaceChildren(...options);
    this.#tableField.hidden = this.#tables.length < 2;
    this.#updateChoices();
  }

  // Shows the number of rows of each choice, and the columns.
  #updateChoices() {
    const chosen = this.#chosenTables;
    const bokeh = this.#data.getDocument();
    for (const [choice, { input, count }] of this.#rowInputs) {
      const rows = bokeh ? chosen.map((table) => findRows(bokeh, table, choice)) : [];
      const rowCount = rows.reduce((sum, each) => sum + (each?.length ?? 0), 0);
      setText(count, `(${rowCount.toLocaleString("en")})`);
      input.disabled = rowCount === 0;
      if (input.disabled && input.checked) this.#checkAll();
    }
    setText(this.#columnsText, describeColumns(chosen[0]?.columns.map(({ name }) => name) ?? []));
    setText(this.#status, "");
  }

  #checkAll() {
    const all = this.#rowInputs.get("all");
    if (all) all.input.checked = true;
  }

  get #chosenTables() {
    const { value } = this.#tableSelect;
    return value === TOGETHER ? this.#tables : this.#tables.filter(({ source }) => source.id === value);
  }

  /** @returns {RowChoice} */
  get #rowChoice() {
    return [...this.#rowInputs].find(([, { input }]) => input.checked)?.[0] ?? "all";
  }

  async #save() {
    this.#showBusy(true);
    try {
      await this.#writeFile();
    } catch (error) {
      if (this.#work.signal.aborted) return;
      if (!(error instanceof ViewerError)) console.warn("the data of a plot could not be written:", error);
      setText(this.#status, error instanceof ViewerError ? error.message : FAILED);
    }
    this.#showBusy(false);
  }

  async #writeFile() {
    if (!this.#data.isAllowed()) throw new ViewerError(FORBIDDEN);
    const bokeh = this.#data.getDocument();
    const ids = this.#chosenTables.map(({ source }) => source.id);
    const tables = bokeh ? listDataTables(bokeh).filter(({ source }) => ids.includes(source.id)) : [];
    if (!bokeh || tables.length < ids.length || !haveSameColumns(tables)) throw new ViewerError(CHANGED);
    const isTogether = ids.length > 1;
    const choice = this.#rowChoice;
    const blocks = tables.map((table) => ({
      label: isTogether ? table.label : null, columns: table.columns, rows: findRows(bokeh, table, choice) ?? [],
    }));
    const rowCount = blocks.reduce((sum, { rows }) => sum + rows.length, 0);
    if (rowCount === 0) throw new ViewerError(NO_ROWS);
    const pacer = new Pacer(this.#work.signal);
    const table = await buildCsvTable(blocks, pacer);
    const file = await writeCsvFile(table, findMaxBytes(navigator), pacer, (fraction) => {
      this.#progress.value = fraction;
    });
    const label = isTogether || this.#tables.length < 2 ? "" : tables[0]?.label ?? "";
    const name = buildDownloadName([this.#data.title, label, choice === "all" ? "" : `${choice} rows`], ".csv");
    downloadFile(file, name);
    this.#result = describeSaved(name, rowCount, file.size);
    this.#element.close();
  }

  /** @param {boolean} isBusy */
  #showBusy(isBusy) {
    this.#saveButton.disabled = isBusy;
    this.#progress.hidden = !isBusy;
    this.#progress.value = 0;
    if (isBusy) setText(this.#status, "Writing the file…");
  }
}

/** @param {string[]} names */
function describeColumns(names) {
  const more = names.length - MAX_LISTED_COLUMNS;
  const listed = more > 1 ? names.slice(0, MAX_LISTED_COLUMNS) : names;
  return `Columns: ${listed.join(", ")}${more > 1 ? ` and ${more} more` : ""}`;
}

/**
 * @param {string} name
 * @param {number} rowCount
 * @param {number} bytes
 */
function describeSaved(name, rowCount, bytes) {
  const rows = `${rowCount.toLocaleString("en")} ${rowCount === 1 ? "row" : "rows"}`;
  const limit = rowCount > MAX_SHEET_ROWS ? " A spreadsheet shows only the first 1,048,576 lines of it." : "";
  return `Downloaded “${name}”: ${rows}, ${formatBytes(bytes)}.${limit}`;
}
