// Draws one plot with BokehJS, and redraws it.

import { isDataDerived } from "./columns.mjs";
import { createElement } from "./dom.mjs";
import { createDocument, createPristineDocument, readColumns, unlistDocument } from "./documents.mjs";
import { FocusState } from "./focus_state.mjs";
import { updateResizable, updateRowHeights } from "./layout.mjs";
import { ModelStore } from "./model_store.mjs";
import { isEmptyRange, isRange, listModels } from "./models.mjs";
import { buildColumnEvents, listPatchedProperties } from "./patches.mjs";
import { waitUntilIdle, waitUntilReady } from "./readiness.mjs";
import { ReadyScripts } from "./ready_scripts.mjs";
import { SelectedRows } from "./selected_rows.mjs";
import { TableStates } from "./table_states.mjs";
import { ViewerChanges } from "./viewer_changes.mjs";

/**
 * @import { Columns } from "./columns.mjs"
 * @import { MediaDrawing } from "./media_drawing.mjs"
 * @import { JsonValue, PlotMessage } from "./messages.mjs"
 *
 * The changes of a viewer in a drawing that is gone, and the models that the author sent for it.
 * @typedef {{ models: ModelStore, changes: ViewerChanges }} FormerView
 */

// BokehJS does not update the screen correctly after every change of a property. For such a change, a second
// drawing is made beside the first, hidden, from the attributes that the author last sent for each model; the
// data, and the viewer's changes, are taken from the models on screen. Then the two are swapped, without flicker.
export class Drawing {
  #frame;
  #models = new ModelStore();
  /** @type {Set<string>} Properties of a patch that is being drawn: if that fails, each may be on screen or not. */
  #uncertain = new Set();
  #scripts = new ReadyScripts();
  /** @type {BokehJS.Document | null} */
  #bokeh = null;
  #container = createElement("div", "plot-content");
  #wrapper = createElement("div", "drawing offscreen", this.#container);
  #viewport = new EventTarget();

  /** @param {HTMLElement} frame */
  constructor(frame) {
    this.#frame = frame;
  }

  /**
   * Makes the first drawing of a plot. When the promise resolves, it is drawn but still hidden.
   * @param {HTMLElement} frame
   * @param {PlotMessage} message
   * @param {() => void} onBuilt called when only BokehJS's painting is left
   * @param {FormerView | null} former
   */
  static async create(frame, { defs, patch, buffers }, onBuilt = () => {}, former = null) {
    const drawing = new Drawing(frame);
    drawing.#models.applyPatch(patch, buffers);
    if (!former) return drawing.#draw(defs, onBuilt);
    const changedProperties = drawing.#models.findDifferences(former.models);
    await drawing.#draw(defs, onBuilt, new Map(), (drawn) => former.changes.apply(drawn, changedProperties));
    former.changes.applyActiveTools(drawing.bokeh, changedProperties);
    return drawing;
  }

  // The viewer's changes, without the data: for a later drawing of the plot that does not replace this one.
  get formerView() {
    const models = this.#models.copy();
    return { models, changes: new ViewerChanges(this.bokeh, createPristineDocument(models.buildPatch())) };
  }

  get bokeh() {
    if (!this.#bokeh) throw new Error("the plot has not been drawn");
    return this.#bokeh;
  }

  get wrapper() {
    return this.#wrapper;
  }

  get roots() {
    return this.#container.children;
  }

  // BokehJS 3.9 listens on the drawing's own viewport, so it needs each change of the window's size.
  handleViewportResize() {
    this.#viewport.dispatchEvent(new Event("resize"));
  }

  /**
   * Applies changes that BokehJS draws correctly by itself, one after the other, and waits for them once.
   * @param {PlotMessage[]} messages
   */
  async update(...messages) {
    this.#replaceViewport();
    const { bokeh } = this;
    const tables = new TableStates(bokeh);
    for (const message of messages) this.#applyPatch(message);
    tables.restore(bokeh);
    this.#updateAppearance();
    await waitUntilReady(bokeh);
    tables.restoreRebuilt(bokeh);
  }

  /**
   * Makes a drawing that replaces this one, with the viewer's changes and the unchanged data.
   * @param {PlotMessage[]} messages a whole plot, or changes in their order
   * @param {() => void} onBuilt called when only BokehJS's painting is left
   */
  async redraw(messages, onBuilt = () => {}) {
    const { bokeh } = this;
    const isWhole = messages[0]?.base === null;
    const pristine = createPristineDocument(this.#models.buildPatch());
    const drawing = new Drawing(this.#frame);
    drawing.#scripts = this.#scripts.copy();
    if (!isWhole) drawing.#models = this.#models.copy();
    const changes = drawing.#models.applyPatches(messages);
    const patchedProperties = isWhole ? drawing.#models.findDifferences(this.#models)
      : messages.flatMap(({ patch }) => [...listPatchedProperties(patch)]);
    const changedProperties = new Set([...this.#uncertain, ...patchedProperties]);
    const viewerChanges = new ViewerChanges(bokeh, pristine);
    const replaced = buildColumnEvents(bokeh, (source) => isWhole || isDataDerived(source));
    const selected = new SelectedRows(bokeh, [...isWhole ? [] : changes, ...replaced]);
    const isKept = (/** @type {string} */ id) => !drawing.#models.hasAttribute(id, "data");
    const buffers = new Map(messages.flatMap((message) => [...message.buffers]));
    const columns = readColumns(bokeh, isKept, changes, buffers);
    await drawing.#draw(messages.at(-1)?.defs ?? [], onBuilt, columns, (drawn) => {
      viewerChanges.apply(drawn, changedProperties);
      selected.restore(drawn, changedProperties);
    });
    // the viewer may have changed more while it was drawn
    const laterChanges = new ViewerChanges(bokeh, pristine);
    laterChanges.apply(drawing.bokeh, changedProperties, viewerChanges);
    laterChanges.applyActiveTools(drawing.bokeh, changedProperties);
    return drawing;
  }

  /**
   * Shows this drawing in the place of the former one, if there was one.
   * @param {Drawing | MediaDrawing | null} replaced
   */
  show(replaced) {
    const former = replaced instanceof Drawing ? replaced : null;
    const focus = former?.wrapper.contains(document.activeElement) ? new FocusState(former) : null;
    const tables = former && new TableStates(former.bokeh);
    this.#wrapper.classList.remove("offscreen");
    tables?.restore(this.bokeh);
    focus?.restore(this);
    replaced?.destroy();
  }

  destroy() {
    try {
      this.#bokeh?.views_manager?.clear();
      this.#bokeh?.clear();
    } catch (error) {
      console.warn("a replaced plot could not be removed cleanly:", error);
    } finally {
      unlistDocument(this.#bokeh);
      this.#wrapper.remove();
    }
  }

  /** @param {PlotMessage} message */
  #applyPatch({ patch, buffers }) {
    const { bokeh } = this;
    const models = this.#models.copy();
    const selected = new SelectedRows(bokeh, models.applyPatch(patch, buffers));
    this.#uncertain = listPatchedProperties(patch);
    this.#resetEmptyRanges();
    bokeh.apply_json_patch(patch, buffers);
    selected.restore(bokeh, this.#uncertain);
    models.releaseColumns();
    this.#models = models;
    this.#uncertain = new Set();
  }

  /**
   * @param {JsonValue[]} defs
   * @param {() => void} onBuilt called when only BokehJS's painting is left
   * @param {Map<string, Columns>} columns of sources that the models do not have
   * @param {(bokeh: BokehJS.Document) => void} prepare called before the document is drawn
   */
  async #draw(defs, onBuilt, columns = new Map(), prepare = () => {}) {
    try {
      const bokeh = this.#bokeh = createDocument(defs);
      this.#replaceViewport();
      bokeh.apply_json_patch(...this.#models.buildPatch(columns));
      for (const id of columns.keys()) {
        const source = bokeh.get_model_by_id(id);
        // scripts expect a plain object
        source?.setv({ data: Object.fromEntries(source.data) }, { silent: true });
      }
      prepare(bokeh);
      this.#scripts.prepare(bokeh, this.#models);
      this.#models.releaseColumns();
      this.#updateAppearance();
      this.#frame.append(this.#wrapper);
      // The document has its roots already, so this waits until their views are built.
      await Bokeh.embed.add_document_standalone(bokeh, this.#container);
      onBuilt();
      await waitUntilIdle(bokeh);
    } catch (error) {
      this.destroy();
      throw error;
    }
    return this;
  }

  // Extends the figure's background to the edge of the card.
  #updateAppearance() {
    const roots = this.bokeh.roots();
    updateRowHeights(this.#container, roots);
    updateResizable(this.#container, roots);
    this.#wrapper.style.backgroundColor = roots[0]?.border_fill_color ?? "";
  }

  // Lets an empty range follow the data that arrive.
  #resetEmptyRanges() {
    for (const range of listModels(this.bokeh)) {
      if (isRange(range) && isEmptyRange(range)) range.have_updated_interactively = false;
    }
  }

  // BokehJS 3.9 never removes a figure's listener from the window's viewport, which keeps the figure and its data
  // in memory. In that version each drawing has a viewport of its own, which is freed together with the drawing.
  #replaceViewport() {
    if (Bokeh.version.startsWith("3.9.")) Object.assign(window, { visualViewport: this.#viewport });
  }
}
