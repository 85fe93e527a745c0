// Finds the columns of data sources that the glyphs, tooltips, legends and tables of a plot use.

import { listColumns } from "./columns.mjs";
import { listModels, readAttribute } from "./models.mjs";
import { TimeAxes } from "./time_axes.mjs";
import { listTemplateFields, listTooltipFields } from "./tooltip_fields.mjs";

/** @import { TimeKind } from "./time_axes.mjs" */

/**
 * How a column is used: as times or not, and as sequences of coordinates or as single values.
 * @typedef {{ time: TimeKind | null, isSequence: boolean }} ColumnUse
 *
 * A data source, with its columns that are used, and with the models that use it: renderers, annotations and tables.
 * @typedef {{ source: BokehJS.Model, columns: Map<string, ColumnUse>, users: BokehJS.Model[] }} SourceUse
 */

const PLAIN_USE = { time: null, isSequence: false };
const SEQUENCES = ["xs", "ys"];
// The models that show columns in tooltips made of models.
const REFERENCE_TYPES = ["ValueRef", "ColorRef"];
const PLOT_PARTS = ["renderers", "below", "above", "left", "right", "center"];

/** @param {BokehJS.Document} bokeh */
export function listSourceUses(bokeh) {
  return new UseCollector(listModels(bokeh)).collect();
}

class UseCollector {
  /** @type {Map<BokehJS.Model, SourceUse>} By source. */
  #uses = new Map();
  /** @type {Map<BokehJS.Model, BokehJS.Model>} The plots of renderers and annotations. */
  #plots = new Map();
  /** @type {Map<BokehJS.Model, TimeAxes>} By plot. */
  #axes = new Map();
  #models;

  /** @param {BokehJS.Model[]} models of a document */
  constructor(models) {
    this.#models = models;
    for (const plot of models.filter(isPlot)) {
      this.#axes.set(plot, new TimeAxes(plot));
      for (const part of PLOT_PARTS) {
        for (const each of (readAttribute(plot, part) ?? []).flatMap(expand)) this.#plots.set(each, plot);
      }
    }
  }

  collect() {
    for (const model of this.#models) {
      const source = findSource(model);
      if (source) this.#collectUser(model, source);
    }
    for (const model of this.#models) {
      const { properties } = model;
      if (properties.node_renderer && properties.edge_renderer) this.#collectGraph(model);
      else if (properties.tooltips && properties.formatters) this.#collectTooltips(model);
      else if (properties.label && properties.renderers) this.#collectLegendItem(model);
    }
    return [...this.#uses.values()];
  }

  /**
   * @param {BokehJS.Model} model a renderer, an annotation or a table
   * @param {BokehJS.Model} source
   */
  #collectUser(model, source) {
    this.#getUse(source).users.push(model);
    const axes = this.#axes.get(/** @type {BokehJS.Model} */ (this.#plots.get(model)));
    const glyph = readAttribute(model, "glyph") ?? model;
    for (const { attr, dimension } of Object.values(/** @type {BokehJS.Model} */ (glyph).properties)) {
      const time = axes?.find(model, dimension) ?? null;
      for (const field of listFields(readAttribute(glyph, attr))) {
        this.#add(source, field, { time, isSequence: SEQUENCES.includes(attr) });
      }
    }
    if (isTable(model)) for (const column of readAttribute(model, "columns")) this.#collectTableColumn(source, column);
  }

  /**
   * @param {BokehJS.Model} source
   * @param {BokehJS.Model} column
   */
  #collectTableColumn(source, column) {
    if (readAttribute(column, "visible") === false) return;
    const formatter = readAttribute(column, "formatter");
    const time = formatter?.type === "DateFormatter" ? "date" : null;
    this.#add(source, readAttribute(column, "field"), { ...PLAIN_USE, time });
    const template = formatter && readAttribute(formatter, "template");
    const names = template ? listColumns(source.data).map(([name]) => name) : [];
    for (const name of names.length ? listTemplateFields(template, names) : []) this.#add(source, name, PLAIN_USE);
  }

  // The layout of a graph finds its nodes by these columns.
  /** @param {BokehJS.Model} graph */
  #collectGraph(graph) {
    const [nodes, edges] = [readAttribute(graph, "node_renderer"), readAttribute(graph, "edge_renderer")];
    this.#add(findSource(nodes), "index", PLAIN_USE);
    for (const name of ["start", "end"]) this.#add(findSource(edges), name, PLAIN_USE);
  }

  /** @param {BokehJS.Model} tool */
  #collectTooltips(tool) {
    const tooltips = readAttribute(tool, "tooltips");
    const formatters = new Map(listColumns(readAttribute(tool, "formatters") ?? {}));
    const texts = isModel(tooltips) ? [] : [tooltips ?? []].flat(2).map(String);
    for (const renderer of this.#listHovered(tool)) {
      const source = findSource(renderer);
      const rendererName = readAttribute(renderer, "name") ?? null;
      for (const { name, reference } of texts.flatMap((text) => listTooltipFields(text, rendererName))) {
        this.#add(source, name, { ...PLAIN_USE, time: findTimeOf(formatters.get(reference)) });
      }
      if (!isModel(tooltips)) continue;
      for (const reference of this.#models.filter(({ type }) => REFERENCE_TYPES.includes(type))) {
        const time = findTimeOf(readAttribute(reference, "formatter"));
        this.#add(source, readAttribute(reference, "field"), { ...PLAIN_USE, time });
      }
    }
  }

  /** @param {BokehJS.Model} tool */
  #listHovered(tool) {
    const chosen = readAttribute(tool, "renderers");
    if (Array.isArray(chosen)) return chosen.flatMap(expand);
    const plots = [...this.#axes.keys()].filter((plot) => {
      const toolbar = readAttribute(plot, "toolbar");
      return toolbar && readAttribute(toolbar, "tools")?.includes(tool);
    });
    const hovered = [...this.#plots].filter(([, plot]) => plots.length === 0 || plots.includes(plot));
    return hovered.map(([renderer]) => renderer);
  }

  /** @param {BokehJS.Model} item */
  #collectLegendItem(item) {
    for (const field of listFields(readAttribute(item, "label"))) {
      for (const renderer of readAttribute(item, "renderers")) this.#add(findSource(renderer), field, PLAIN_USE);
    }
  }

  /**
   * @param {BokehJS.Model | null} source
   * @param {unknown} field
   * @param {ColumnUse} use
   */
  #add(source, field, { time, isSequence }) {
    if (!source || typeof field !== "string") return;
    const { columns } = this.#getUse(source);
    const former = columns.get(field) ?? PLAIN_USE;
    columns.set(field, { time: time ?? former.time, isSequence: isSequence || former.isSequence });
  }

  /** @param {BokehJS.Model} source */
  #getUse(source) {
    /** @type {SourceUse} */
    const use = this.#uses.get(source) ?? { source, columns: new Map(), users: [] };
    this.#uses.set(source, use);
    return use;
  }
}

/**
 * @param {unknown} formatter of a tooltip
 * @returns {TimeKind | null}
 */
const findTimeOf = (formatter) => formatter === "datetime" ? "date" : null;

/**
 * @param {unknown} value
 * @returns {value is BokehJS.Model}
 */
const isModel = (value) => value !== null && typeof value === "object" && "properties" in value;

/** @param {BokehJS.Model} model */
export const isPlot = ({ properties }) => Boolean(properties.renderers && properties.toolbar && properties.center);

/** @param {BokehJS.Model} model */
export const isTable = ({ properties }) => Boolean(properties.source && properties.columns);

/**
 * Returns the renderers of nodes and edges for that of a graph.
 * @param {BokehJS.Model} renderer
 * @returns {BokehJS.Model[]}
 */
function expand(renderer) {
  const { node_renderer, edge_renderer } = renderer.properties;
  if (!node_renderer || !edge_renderer) return [renderer];
  return [readAttribute(renderer, "node_renderer"), readAttribute(renderer, "edge_renderer")];
}

/**
 * Returns the data source of a renderer, an annotation or a table; null if it has none.
 * @param {BokehJS.Model} model
 * @returns {BokehJS.Model | null}
 */
export function findSource(model) {
  const source = readAttribute(model, "data_source") ?? readAttribute(model, "source");
  return source?.properties?.data && source.properties.selected ? source : null;
}

/**
 * Lists the columns that a property takes its values from, by itself or by an expression.
 * @param {any} value
 * @returns {string[]}
 */
function listFields(value) {
  if (value === null || typeof value !== "object" || isModel(value)) return [];
  if (typeof value.field === "string") return [value.field];
  return isModel(value.expr) ? listExpressionFields(value.expr) : [];
}

/**
 * @param {BokehJS.Model} expression
 * @returns {string[]}
 */
function listExpressionFields(expression) {
  return Object.keys(expression.properties).flatMap((attr) => {
    const value = readAttribute(expression, attr);
    if (attr === "field") return [value];
    if (attr === "fields") return value;
    return isModel(value) ? listExpressionFields(value) : listFields(value);
  });
}
