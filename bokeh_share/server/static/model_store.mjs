// Stores the attributes that the author sent for each model of a plot.

import { isColumns } from "./columns.mjs";
import { changesColumns } from "./patches.mjs";
import { changeData } from "./stored_columns.mjs";

/**
 * @import { Columns } from "./columns.mjs"
 * @import { Buffers, JsonValue, Patch, PatchEvent } from "./messages.mjs"
 * @typedef {{ id: string, attributes: Record<string, JsonValue> } & Record<string, JsonValue>} StoredModel
 */

// The attributes are JSON in which models are references to each other. Once a plot is drawn, columns are omitted,
// since BokehJS has them.
export class ModelStore {
  /** @type {Map<string, StoredModel>} */
  #models = new Map();
  /** @type {Buffers} */
  #buffers = new Map();
  /** @type {string | null} */
  #root = null;

  // A patch is applied to a copy, which is dropped if it cannot be drawn. No model is changed in place.
  copy() {
    const copy = new ModelStore();
    copy.#models = new Map(this.#models);
    copy.#buffers = this.#buffers;
    copy.#root = this.#root;
    return copy;
  }

  /**
   * Applies a patch and returns the events that change columns.
   * @param {Patch} patch
   * @param {Buffers} buffers
   */
  applyPatch({ events }, buffers) {
    this.#buffers = new Map([...this.#buffers, ...buffers]);
    /** @type {PatchEvent[]} */
    const columns = [];
    for (const event of events) {
      const { kind, model, attr, new: value } = event;
      if (changesColumns(event)) columns.push(event);
      else if (kind === "RootAdded") this.#root = this.#store(model).id;
      else if (kind === "ModelChanged" && attr !== undefined) {
        this.#updateAttributes(model.id, ({ attributes }) => ({ ...attributes, [attr]: this.#store(value) }));
      }
    }
    return columns;
  }

  /**
   * Applies patches in their order, and returns the events that change columns of sources that BokehJS has. A source
   * that came with one of the patches has its columns in the store.
   * @param {{ patch: Patch, buffers: Buffers }[]} messages
   */
  applyPatches(messages) {
    /** @type {PatchEvent[]} */
    const columns = [];
    for (const { patch, buffers } of messages) {
      for (const event of this.applyPatch(patch, buffers)) {
        if (this.hasAttribute(event.model.id, "data")) this.changeColumns([event]);
        else columns.push(event);
      }
    }
    return columns.filter(({ model }) => !this.hasAttribute(model.id, "data"));
  }

  /**
   * Changes columns in the store, before BokehJS has them.
   * @param {PatchEvent[]} events
   */
  changeColumns(events) {
    for (const event of events) {
      this.#updateAttributes(event.model.id, ({ attributes }) => {
        return { ...attributes, data: changeData(attributes.data, event, this.#buffers) };
      });
    }
  }

  // Drops models and arrays that the plot does not contain any more.
  prune() {
    const models = new Map();
    const buffers = new Map();
    /** @type {(value: JsonValue) => void} */
    const visit = (value) => {
      if (value === null || typeof value !== "object") return;
      const model = this.#models.get(value.id);
      const buffer = this.#buffers.get(value.id);
      if (buffer) buffers.set(value.id, buffer);
      else if (!model) (Array.isArray(value) ? value : Object.values(value)).forEach(visit);
      else if (!models.has(value.id)) {
        models.set(value.id, model);
        visit(model.attributes);
      }
    };
    visit({ id: this.#root });
    this.#models = models;
    this.#buffers = buffers;
  }

  /**
   * Builds one patch with all models, for an empty document. `columns` has the columns of sources that are not
   * in the store: a legend's items need their column as soon as they are created.
   * @param {Map<string, Columns>} columns
   * @returns {[Patch, Buffers]}
   */
  buildPatch(columns = new Map()) {
    const seen = new Set();
    /** @type {(value: JsonValue) => JsonValue} */
    const write = (value) => {
      if (Array.isArray(value)) return value.map(write);
      if (value === null || typeof value !== "object") return value;
      const model = this.#models.get(value.id);
      if (model && !seen.has(value.id)) {
        seen.add(value.id);
        const attributes = mapValues(model.attributes, write);
        // BokehJS takes a `Map` as it is, without decoding it
        if (columns.has(value.id)) attributes.data = columns.get(value.id);
        return { ...model, attributes };
      }
      return model ? { id: value.id } : mapValues(value, write);
    };
    const model = write({ id: this.#root });
    for (const id of this.#models.keys()) if (!seen.has(id)) this.#models.delete(id);
    return [{ events: [{ kind: "RootAdded", model }] }, this.#buffers];
  }

  // Drops columns that came with a model, and the arrays in them: BokehJS has them from now on.
  releaseColumns() {
    const used = new Set();
    /** @type {(value: JsonValue) => void} */
    const visit = (value) => {
      if (value === null || typeof value !== "object") return;
      if (this.#buffers.has(value.id)) used.add(value.id);
      else Object.values(value).forEach(visit);
    };
    for (const [id, { attributes }] of this.#models) {
      const { data, ...others } = attributes;
      const isReleased = isColumns("data", data);
      if (isReleased) this.#updateAttributes(id, () => others);
      visit(isReleased ? others : attributes);
    }
    this.#buffers = new Map([...this.#buffers].filter(([id]) => used.has(id)));
  }

  /**
   * Returns the properties that differ from those in `others`, of the models that both have.
   * @param {ModelStore} others
   */
  findDifferences(others) {
    /** @type {Set<string>} */
    const changedProperties = new Set();
    for (const [id, { attributes }] of this.#models) {
      const former = others.#models.get(id)?.attributes;
      if (!former) continue;
      for (const attr of Object.keys({ ...former, ...attributes })) {
        if (JSON.stringify(former[attr]) !== JSON.stringify(attributes[attr])) changedProperties.add(`${id} ${attr}`);
      }
    }
    return changedProperties;
  }

  /**
   * Omits ids, so that models with equal attributes have the same text.
   * @param {string} id
   */
  serializeModel(id) {
    return JSON.stringify(this.#models.get(id), (name, value) => name === "id" ? undefined : value);
  }

  /**
   * @param {string} id
   * @param {string} attr
   */
  hasAttribute(id, attr) {
    return attr in (this.#models.get(id)?.attributes ?? {});
  }

  /**
   * @param {string} id
   * @param {(model: StoredModel) => Record<string, JsonValue>} change
   */
  #updateAttributes(id, change) {
    const model = /** @type {StoredModel} */ (this.#models.get(id));
    this.#models.set(id, { ...model, attributes: change(model) });
  }

  /**
   * @param {JsonValue} value
   * @returns {JsonValue}
   */
  #store(value) {
    if (Array.isArray(value)) return value.map((each) => this.#store(each));
    if (value === null || typeof value !== "object") return value;
    if (value.type !== "object" || !("id" in value)) return mapValues(value, (each) => this.#store(each));
    const model = { ...value };
    this.#models.set(value.id, model);
    model.attributes = mapValues(value.attributes ?? {}, (each) => this.#store(each));
    return { id: value.id };
  }
}

/**
 * Columns are skipped: they are long, and contain no models.
 * @param {Record<string, JsonValue>} object
 * @param {(value: JsonValue) => JsonValue} change
 * @returns {Record<string, JsonValue>}
 */
function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => {
    return [name, isColumns(name, value) ? value : change(value)];
  }));
}
