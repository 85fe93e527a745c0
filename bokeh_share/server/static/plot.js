"use strict";

// Draws one plot with BokehJS, and redraws it.
//
// BokehJS does not update the screen correctly after every change of a property. For such a change, a second
// drawing is made beside the first, hidden, from the attributes that the author last sent for each model; the
// data, and the viewer's changes, are taken from the models on screen. Then the two are swapped, without flicker.

const IDLE_TIMEOUT = 5000;
const CLEANUP_DELAY = 250;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Timers of a hidden tab run at most once a second; messages between ports are not delayed.
const yieldToBrowser = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); resolve(); };
  port2.postMessage(null);
});

// BokehJS 3.9 never removes a figure's listener from the window's viewport, which keeps the figure and its data
// in memory. In that version each drawing has a viewport of its own, which is freed together with the drawing.
const needsOwnViewport = document.documentElement.dataset.bokeh.startsWith("3.9.");

// Widgets that are as high as their text.
const MARKUP_TYPES = ["Div", "Paragraph", "PreText"];

const isColumns = (attr, value) => attr === "data" && value?.type === "map";

// A plot's root has the callbacks of the author's `document_ready` event under this name.
const READY_EVENT = "bokeh_share.ready";

// The attributes that the author sent for each model, as JSON in which models are references to each other.
// Columns are left out, since BokehJS has them.
class ModelStore {
  #models = new Map();
  #buffers = new Map();
  #root = null;

  // A patch is applied to a copy, which is dropped if it cannot be drawn. No model is changed in place.
  copy() {
    const copy = new ModelStore();
    copy.#models = new Map(this.#models);
    copy.#buffers = this.#buffers;
    copy.#root = this.#root;
    return copy;
  }

  // Applies a patch and returns the events that change columns.
  applyPatch({ events }, buffers) {
    this.#buffers = new Map([...this.#buffers, ...buffers]);
    const columns = [];
    for (const event of events) {
      if (event.kind.startsWith("Column") || isColumns(event.attr, event.new)) columns.push(event);
      else if (event.kind === "RootAdded") this.#root = this.#store(event.model).id;
      else if (event.kind === "ModelChanged") {
        this.#updateAttributes(event.model.id, ({ attributes }) => {
          return { ...attributes, [event.attr]: this.#store(event.new) };
        });
      }
    }
    return columns;
  }

  // Builds one patch with everything, for an empty document. `columns` has the columns of sources that are not
  // in the store: a legend's items look for their column as soon as they are created.
  buildPatch(columns = new Map()) {
    const seen = new Set();
    const write = (value) => {
      if (Array.isArray(value)) return value.map(write);
      if (value === null || typeof value !== "object") return value;
      const model = this.#models.get(value.id);
      if (model && !seen.has(value.id)) {
        seen.add(value.id);
        const attributes = this.#mapValues(model.attributes, write);
        // BokehJS takes a `Map` as it is, without decoding it
        if (columns.has(value.id)) attributes.data = columns.get(value.id);
        return { ...model, attributes };
      }
      return model ? { id: value.id } : this.#mapValues(value, write);
    };
    const model = write({ id: this.#root });
    for (const id of this.#models.keys()) if (!seen.has(id)) this.#models.delete(id);
    return [{ events: [{ kind: "RootAdded", model }] }, this.#buffers];
  }

  // Drops columns that came with a model, and the arrays in them: BokehJS has them from now on.
  releaseColumns() {
    const used = new Set();
    const visit = (value) => {
      if (value === null || typeof value !== "object") return;
      if (this.#buffers.has(value.id)) used.add(value.id);
      else Object.values(value).forEach(visit);
    };
    for (const [id, { attributes }] of this.#models) {
      const { data, ...others } = attributes;
      if (isColumns("data", data)) this.#updateAttributes(id, () => others);
      visit(this.#models.get(id).attributes);
    }
    this.#buffers = new Map([...this.#buffers].filter(([id]) => used.has(id)));
  }

  // Returns the properties that differ from those in `others`, of the models that both have.
  findDifferences(others) {
    const changedProperties = new Set();
    for (const [id, { attributes }] of this.#models) {
      const former = others.#models.get(id)?.attributes;
      for (const attr of former ? Object.keys({ ...former, ...attributes }) : []) {
        if (JSON.stringify(former[attr]) !== JSON.stringify(attributes[attr])) changedProperties.add(`${id} ${attr}`);
      }
    }
    return changedProperties;
  }

  // Leaves ids out, so that models with equal attributes have the same text.
  serializeModel(id) {
    return JSON.stringify(this.#models.get(id), (name, value) => name === "id" ? undefined : value);
  }

  hasAttribute(id, attr) {
    return attr in (this.#models.get(id)?.attributes ?? {});
  }

  #updateAttributes(id, change) {
    const model = this.#models.get(id);
    this.#models.set(id, { ...model, attributes: change(model) });
  }

  #store(value) {
    if (Array.isArray(value)) return value.map((each) => this.#store(each));
    if (value === null || typeof value !== "object") return value;
    if (value.type !== "object" || !("id" in value)) return this.#mapValues(value, (each) => this.#store(each));
    const model = { ...value };
    this.#models.set(value.id, model);
    model.attributes = this.#mapValues(value.attributes ?? {}, (each) => this.#store(each));
    return { id: value.id };
  }

  // Columns are skipped: they are long, and contain no models.
  #mapValues(object, change) {
    return Object.fromEntries(Object.entries(object).map(([name, value]) => {
      return [name, isColumns(name, value) ? value : change(value)];
    }));
  }
}

// The properties that the viewer changed: those that differ from what the author sent. Changes made by scripts
// in the plot that the viewer triggered are included. A new change by the author takes precedence.
class ViewerChanges {
  #properties = new Map();
  #ranges = new Map();
  #tools = new Map();

  constructor(bokeh, pristine) {
    for (const model of listModels(bokeh)) {
      const former = pristine.get_model_by_id(model.id);
      if (!former) continue;
      if (isRange(model)) {
        if (isEmptyRange(model)) continue;
        const { start, end, have_updated_interactively: moved } = model;
        const fixed = model.type !== "DataRange1d" && (start !== former.start || end !== former.end);
        if (moved || fixed) this.#ranges.set(model.id, { start, end, moved });
        continue;
      }
      if (isTool(model)) this.#tools.set(model.id, model.active);
      for (const property of model.syncable_properties()) {
        // a new drawing has nothing to undo
        if (isTool(model) && property.attr === "disabled") continue;
        if (property.attr === "data" || property.is_unset || former.properties[property.attr].is_unset) continue;
        const value = property.get_value();
        const [text, formerly] = [value, former.properties[property.attr].get_value()].map(serializeValue);
        if (text !== null && text !== formerly) this.#properties.set(`${model.id} ${property.attr}`, value);
      }
    }
  }

  // `changedProperties` are those that the author changes now; `before` has changes that were applied already.
  apply(bokeh, changedProperties, before = null) {
    for (const [id, { start, end, moved }] of this.#ranges) {
      const former = before?.#ranges.get(id);
      if (former && former.start === start && former.end === end) continue;
      const range = bokeh.get_model_by_id(id);
      if (!range || [...changedProperties].some((each) => each.startsWith(`${id} `))) continue;
      range.setv({ start, end });
      range.have_updated_interactively = moved;
    }
    for (const [key, value] of this.#properties) {
      const applied = before?.#properties;
      if (applied?.has(key) && serializeValue(applied.get(key)) === serializeValue(value)) continue;
      const [id, attr] = key.split(" ");
      const model = bokeh.get_model_by_id(id);
      if (model && !changedProperties.has(key) && attr in model.properties) model.setv({ [attr]: value });
    }
  }

  // Toolbars choose tools when their views are built.
  applyActiveTools(bokeh, changedProperties) {
    if ([...changedProperties].some((each) => each.includes(" active_"))) return;
    for (const wanted of [true, false]) {
      for (const [id, active] of this.#tools) {
        const tool = bokeh.get_model_by_id(id);
        if (tool && active === wanted && tool.active !== active) tool.active = active;
      }
    }
  }
}

// BokehJS has no public list of all models of a document, drawn or not.
const listModels = (bokeh) => [...bokeh._all_models.values()];
const isRange = (model) => "have_updated_interactively" in model;
const isTool = (model) => model.type.endsWith("Tool");

// A range that follows its data, while there are no data. BokehJS takes a drag there for a zoom.
const isEmptyRange = ({ start, end }) => Number.isNaN(start) || Number.isNaN(end);

// Returns null for a value that contains models or is not plain.
function serializeValue(value) {
  let plain = true;
  const text = JSON.stringify(value, (_, each) => {
    if (each instanceof Map || each instanceof Set || (each && typeof each === "object" && "properties" in each)) {
      plain = false;
      return null;
    }
    return each;
  });
  return plain ? text : null;
}

// Keeps the selected rows selected, at their new indices after the columns have changed.
class SelectedRows {
  #sources = [];

  constructor(bokeh, events) {
    for (const event of events) {
      const source = bokeh.get_model_by_id(event.model.id);
      const indices = [...source?.selected?.indices ?? []];
      if (indices.length === 0 || event.kind === "ColumnsPatched") continue;
      const rows = new RowIndex(source);
      const [id, length] = [source.id, rows.length];
      if (event.kind === "ColumnsStreamed") {
        const dropped = event.rollover === null ? 0 : length + countRows(event.data) - event.rollover;
        const remaining = indices.map((index) => index - dropped).filter((index) => index >= 0);
        this.#sources.push({ id, findIndices: () => remaining });
      } else {
        const texts = indices.map((index) => rows.serializeRow(index));
        this.#sources.push({ id, findIndices: (now) => now.findIndices(indices, texts, length) });
      }
    }
  }

  restore(bokeh, changedProperties) {
    for (const { id, findIndices } of this.#sources) {
      const source = bokeh.get_model_by_id(id);
      if (!source || changedProperties.has(`${source.selected.id} indices`)) continue;
      source.selected.indices = findIndices(new RowIndex(source));
    }
  }
}

// Events that would set all columns of these sources again.
const buildColumnEvents = (bokeh, wanted) => listModels(bokeh)
  .filter((model) => model.selected && wanted(model))
  .map(({ id }) => ({ kind: "ColumnDataChanged", model: { id } }));

// BokehJS derives the columns of a `GeoJSONDataSource` from its GeoJSON, as an internal property.
const isDataDerived = ({ properties: { data } }) => data && !data.syncable;

const listColumns = (data) => data instanceof Map ? [...data] : Object.entries(data);

const countRows = ({ entries: [[, column]] }) => Array.isArray(column) ? column.length : column.shape[0];

class RowIndex {
  constructor({ data }) {
    this.columns = listColumns(data).sort(([one], [other]) => one < other ? -1 : 1).map(([, column]) => column);
    this.length = this.columns[0]?.length ?? 0;
  }

  serializeRow(index) {
    return JSON.stringify(this.columns.map((column) => column[index]));
  }

  // Finds these rows by their values. A row that is not found keeps its index if some of its values are still there.
  findIndices(indices, texts, length) {
    const firstValues = new Set(texts.map((text) => JSON.stringify(JSON.parse(text)[0])));
    const rowIndices = new Map();
    for (let index = 0; index < this.length; index++) {
      if (!firstValues.has(JSON.stringify(this.columns[0][index]))) continue;
      const text = this.serializeRow(index);
      rowIndices.set(text, [...rowIndices.get(text) ?? [], index]);
    }
    return indices.map((index, nth) => {
      const found = rowIndices.get(texts[nth]) ?? [];
      if (found.includes(index)) return index;
      const former = JSON.parse(texts[nth]);
      const now = this.length === length ? JSON.parse(this.serializeRow(index)) : [];
      const stayed = now.some((value, column) => JSON.stringify(value) === JSON.stringify(former[column]));
      return found[0] ?? (stayed ? index : null);
    }).filter((index) => index !== null);
  }
}

// The sort order and scroll position of each table, which only its view has.
class TableStates {
  #tables = [];

  constructor(bokeh) {
    for (const view of bokeh.views_manager.query(({ grid }) => grid?.getSortColumns)) {
      const columns = view.grid.getColumns();
      const order = view.grid.getSortColumns().map(({ columnId, sortAsc }) => {
        return { field: columns.find(({ id }) => id === columnId)?.field, sortAsc };
      });
      const { scrollTop, scrollLeft } = findViewport(view);
      this.#tables.push({ id: view.model.id, order, scrollTop, scrollLeft });
    }
  }

  restore(bokeh) {
    for (const { id, order, scrollTop, scrollLeft } of this.#tables) {
      const view = bokeh.views_manager.find_one_by_id(id);
      if (!view?.grid) continue;
      const columns = view.grid.getColumns();
      const wanted = order.map(({ field, sortAsc }) => {
        return { columnId: columns.find((column) => column.field === field)?.id, sortAsc };
      }).filter(({ columnId }) => columnId !== undefined);
      if (JSON.stringify(wanted) !== JSON.stringify(view.grid.getSortColumns())) {
        view.grid.setSortColumns(wanted);
        view.updateGrid();
      }
      Object.assign(findViewport(view), { scrollTop, scrollLeft });
    }
  }
}

const findViewport = (view) => view.shadow_el.querySelector(".slick-viewport");

// The path to the focused element; each element is in the shadow root of the one before.
class FocusState {
  #path = [];

  constructor({ bokeh, wrapper }) {
    let { activeElement: element } = document;
    while (element && (this.#path.length || wrapper.contains(element))) {
      const id = bokeh.views_manager.query_one(({ el }) => el === element)?.model.id;
      const selector = [element.localName, ...element.classList].map(CSS.escape).join(".");
      const { value, selectionStart, selectionEnd } = element;
      this.#path.push({ id, selector, typed: selectionStart == null ? null : [value, selectionStart, selectionEnd] });
      element = element.shadowRoot?.activeElement;
    }
  }

  // Focuses the same element in another drawing, if it exists there.
  restore({ bokeh }) {
    // outer elements may be new, so begin at the innermost view that still exists
    const views = this.#path.map(({ id }) => bokeh.views_manager.query_one(({ model }) => model.id === id)?.el);
    const known = views.findLastIndex((el) => el);
    if (known < 0) return;
    let element = views[known];
    for (const { selector } of this.#path.slice(known + 1)) {
      element = element?.shadowRoot?.querySelector(selector);
    }
    if (!element) return;
    element.focus({ preventScroll: true });
    const { typed } = this.#path.at(-1);
    if (!typed) return;
    element.value = typed[0];
    element.setSelectionRange(typed[1], typed[2]);
  }
}

class Drawing {
  constructor(frame) {
    this.frame = frame;
    this.models = new ModelStore();
    // properties of a patch that is being drawn: if that fails, each of them may be on screen or not
    this.uncertain = new Set();
    this.container = document.createElement("div");
    this.container.className = "plot-content";
    this.wrapper = document.createElement("div");
    this.wrapper.className = "drawing offscreen";
    this.wrapper.append(this.container);
    // scripts that ran when the document was ready
    this.ranScripts = new Set();
    this.viewport = new EventTarget();
    this.cleanedViews = new WeakSet();
  }

  // Makes the first drawing of a plot. When the promise resolves, it is drawn but still hidden.
  static async create(frame, { defs, patch, buffers }) {
    const drawing = new Drawing(frame);
    drawing.models.applyPatch(patch, buffers);
    return drawing.#draw(defs);
  }

  // Applies a change that BokehJS draws correctly by itself.
  async update({ patch, buffers }) {
    this.#replaceViewport();
    const tables = new TableStates(this.bokeh);
    const models = this.models.copy();
    const selected = new SelectedRows(this.bokeh, models.applyPatch(patch, buffers));
    this.uncertain = listPatchedProperties(patch);
    this.#resetEmptyRanges();
    this.bokeh.apply_json_patch(patch, buffers);
    selected.restore(this.bokeh, this.uncertain);
    models.releaseColumns();
    this.models = models;
    this.uncertain = new Set();
    this.#updateAppearance();
    // `ready` also waits for a paint, and never resolves if the view that was to paint is gone
    const viewsReady = Promise.all([...this.bokeh.views_manager].map((view) => view.ready));
    await Promise.race([viewsReady, document.hidden ? yieldToBrowser().then(yieldToBrowser) : sleep(60)]);
    tables.restore(this.bokeh);
  }

  // Makes a drawing that replaces this one, with the viewer's changes and the unchanged data.
  async redraw({ base, defs, patch, buffers }) {
    const pristine = await this.#createPristineDocument();
    const drawing = new Drawing(this.frame);
    drawing.ranScripts = new Set(this.ranScripts);
    if (base !== null) drawing.models = this.models.copy();
    const changes = drawing.models.applyPatch(patch, buffers);
    const patchedProperties = base === null
      ? drawing.models.findDifferences(this.models) : listPatchedProperties(patch);
    const changedProperties = new Set([...this.uncertain, ...patchedProperties]);
    const viewerChanges = new ViewerChanges(this.bokeh, pristine);
    const replaced = buildColumnEvents(this.bokeh, (source) => base === null || isDataDerived(source));
    const selected = new SelectedRows(this.bokeh, [...base === null ? [] : changes, ...replaced]);
    const columns = await this.#readColumns((id) => !drawing.models.hasAttribute(id, "data"), changes, buffers);
    await drawing.#draw(defs, columns, (bokeh) => {
      viewerChanges.apply(bokeh, changedProperties);
      selected.restore(bokeh, changedProperties);
    });
    // the viewer may have changed more while it was drawn
    const laterChanges = new ViewerChanges(this.bokeh, pristine);
    laterChanges.apply(drawing.bokeh, changedProperties, viewerChanges);
    laterChanges.applyActiveTools(drawing.bokeh, changedProperties);
    return drawing;
  }

  // Shows this drawing in the place of the former one, if there was one.
  show(former) {
    const focus = former?.wrapper.contains(document.activeElement) ? new FocusState(former) : null;
    const tables = former && new TableStates(former.bokeh);
    this.wrapper.classList.remove("offscreen");
    tables?.restore(this.bokeh);
    focus?.restore(this);
    former?.destroy();
    this.#scheduleCleanup();
  }

  destroy() {
    clearTimeout(this.cleanupTimer);
    try {
      this.bokeh?.views_manager?.clear();
      this.bokeh?.clear();
    } catch (error) {
      console.warn("a replaced plot could not be removed cleanly:", error);
    } finally {
      const index = Bokeh.documents.indexOf(this.bokeh);
      if (index >= 0) Bokeh.documents.splice(index, 1);
      this.wrapper.remove();
    }
  }

  async #draw(defs, columns = new Map(), prepare = () => {}) {
    try {
      this.bokeh = await createEmptyDocument(defs);
      this.#replaceViewport();
      this.bokeh.apply_json_patch(...this.models.buildPatch(columns));
      for (const id of columns.keys()) {
        const source = this.bokeh.get_model_by_id(id);
        // scripts expect a plain object
        source?.setv({ data: Object.fromEntries(source.data) }, { silent: true });
      }
      prepare(this.bokeh);
      this.#prepareScripts();
      this.models.releaseColumns();
      this.#updateAppearance();
      this.frame.append(this.wrapper);
      // The document has its roots already, so this waits until their views are built.
      await Bokeh.embed.add_document_standalone(this.bokeh, this.container);
      this.#watchRepaints();
      await this.#waitUntilIdle();
    } catch (error) {
      this.destroy();
      throw error;
    }
    return this;
  }

  // Runs each script once, when the plot is drawn; later drawings run only scripts that are new.
  #prepareScripts() {
    const scripts = new Map(this.bokeh.roots().flatMap(({ js_event_callbacks: all }) => {
      const found = all instanceof Map ? all.get(READY_EVENT) : all[READY_EVENT];
      return (found ?? []).map((script) => [this.models.serializeModel(script.id), script]);
    }));
    for (const text of this.ranScripts) if (!scripts.has(text)) this.ranScripts.delete(text);
    for (const [text, script] of scripts) {
      this.bokeh.on_event("document_ready", (...event) => {
        if (this.ranScripts.has(text)) return;
        this.ranScripts.add(text);
        script.execute(...event);
      });
    }
  }

  // The document without the viewer's changes, without views and columns. BokehJS's log is off: its warnings
  // were logged when the plot was drawn, or are about the missing columns.
  async #createPristineDocument() {
    return createHiddenDocument((bokeh) => {
      const { level } = Bokeh.logger;
      Bokeh.logger.set_level("off");
      try {
        bokeh.apply_json_patch(...this.models.buildPatch());
      } finally {
        Bokeh.logger.set_level(level);
      }
    });
  }

  // The columns on screen of the `wanted` sources, by id, with these changes applied. The sources on screen
  // stay unchanged.
  async #readColumns(wanted, changes, buffers) {
    const sources = listModels(this.bokeh).filter((model) => model.data && !isDataDerived(model) && wanted(model.id));
    const columns = new Map(sources.map(({ id, data }) => [id, new Map(listColumns(data))]));
    const changed = new Set(changes.map(({ model }) => model.id));
    if (changed.size === 0) return columns;
    const bokeh = await createHiddenDocument((bokeh) => {
      const events = [...changed].map((id) => {
        const model = { type: "object", name: "ColumnDataSource", id, attributes: { data: columns.get(id) } };
        return { kind: "RootAdded", model };
      });
      bokeh.apply_json_patch({ events });
      bokeh.apply_json_patch({ events: changes }, buffers);
    });
    for (const { id, data } of bokeh.roots()) columns.set(id, new Map(listColumns(data)));
    return columns;
  }

  // Waits up to a limit, since a plot may wait for something that never arrives (a map's tiles, say). Does not
  // wait in a hidden tab, where nothing is painted.
  async #waitUntilIdle() {
    const end = performance.now() + IDLE_TIMEOUT;
    while (!this.bokeh.is_idle && !document.hidden && performance.now() < end) await sleep(15);
  }

  // Extends the figure's background to the edge of the card.
  #updateAppearance() {
    const roots = this.bokeh.roots();
    updateRowHeights(this.container, roots);
    this.container.style.backgroundColor = roots[0]?.border_fill_color ?? "";
  }

  // BokehJS does not clear the first half pixel at the left and top of a canvas, where repeated paints add up to
  // a shade. When no repaint has come for a while, these edges are cleared and the figure is painted once more.
  #watchRepaints() {
    for (const view of this.#listFigures()) {
      view.repainted.connect(() => {
        if (!this.cleanedViews.delete(view)) this.#scheduleCleanup();
      });
    }
  }

  #scheduleCleanup() {
    clearTimeout(this.cleanupTimer);
    this.wrapper.classList.add("repainting");
    this.cleanupTimer = setTimeout(() => {
      this.wrapper.classList.remove("repainting");
      for (const view of this.#listFigures()) {
        const legends = [...view.children()].flatMap(({ entries = [] }) => entries.map(({ glyph }) => glyph));
        for (const { ctx, pixel_ratio } of [view.canvas_view.primary, view.canvas_view.overlays, ...legends]) {
          if (!ctx.canvas) continue; // SVG is rebuilt at each paint
          const edge = Math.ceil(pixel_ratio / 2);
          ctx.save();
          ctx.resetTransform();
          ctx.clearRect(0, 0, edge, ctx.canvas.height);
          ctx.clearRect(0, 0, ctx.canvas.width, edge);
          ctx.restore();
        }
        this.cleanedViews.add(view);
        view.request_repaint();
      }
    }, CLEANUP_DELAY);
  }

  #listFigures() {
    return this.bokeh.views_manager.query(({ canvas_view }) => canvas_view?.primary);
  }

  // Lets an empty range follow the data that arrive.
  #resetEmptyRanges() {
    for (const range of listModels(this.bokeh)) {
      if (isRange(range) && isEmptyRange(range)) range.have_updated_interactively = false;
    }
  }

  #replaceViewport() {
    if (needsOwnViewport) window.visualViewport = this.viewport;
  }
}

// Roots that fill the height need a given height: one grid row for each root.
function updateRowHeights(container, roots) {
  const rows = roots.map(({ sizing_mode, min_height }) => {
    if (["stretch_height", "stretch_both"].includes(sizing_mode)) return "minmax(var(--fill-height), auto)";
    // a height that depended on its width would change the width again
    return sizing_mode === "scale_height" ? `max(var(--fill-height), ${min_height ?? 0}px)` : "auto";
  });
  const isTall = rows.some((row) => row !== "auto");
  container.classList.toggle("fills-height", isTall);
  container.style.gridTemplateRows = isTall ? rows.join(" ") : "";
}

// In BokehJS, a layout that fills the height of a column can be lower than its content, which then overlaps
// the next child. In a column without a height limit, such a layout becomes as high as its content.
function patchColumnLayout() {
  const { ColumnView } = Bokeh.require("models/layouts/column");
  const proto = ColumnView.prototype;
  if (Object.hasOwn(proto, "_update_layout")) return;
  proto._update_layout = function () {
    Object.getPrototypeOf(proto)._update_layout.call(this);
    if (hasHeightLimit(this)) return;
    for (const view of this.child_views) {
      if (!view.child_views?.length && !MARKUP_TYPES.includes(view.model.type)) continue;
      const { height_policy, aspect_ratio } = view.box_sizing();
      if (height_policy !== "max" || aspect_ratio !== null) continue;
      const least = view.model.min_height === null ? { min_height: "auto" } : { flex: "1 0 auto", height: "auto" };
      view.parent_style.append(":host", least);
    }
  };
}

// Returns true if the view or one of its parents has a fixed or a maximum height.
function hasHeightLimit(view) {
  if (!view?.box_sizing) return false;
  const { height_policy, height } = view.box_sizing();
  const isGiven = height !== null && ["auto", "fixed"].includes(height_policy);
  return isGiven || view.model.max_height !== null || hasHeightLimit(view.parent);
}

// Embedding no items only creates the document.
async function createEmptyDocument(defs) {
  await Bokeh.embed.embed_items({ plot: { version: Bokeh.version, title: "", roots: [], defs } }, []);
  return Bokeh.documents.at(-1);
}

// A document that is never drawn; BokehJS has no other way to create one.
async function createHiddenDocument(fill) {
  const bokeh = await createEmptyDocument([]);
  try {
    fill(bokeh);
  } finally {
    Bokeh.documents.splice(Bokeh.documents.indexOf(bokeh), 1);
  }
  return bokeh;
}

// The properties that a patch sets, each as `<model id> <property>`.
function listPatchedProperties({ events }) {
  return new Set(events.filter(({ attr }) => attr).map(({ model, attr }) => `${model.id} ${attr}`));
}
