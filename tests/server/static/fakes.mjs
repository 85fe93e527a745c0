// Stands in for documents and models of BokehJS, and builds messages as the server sends them.

/** A model with these attributes, each of them a property. */
export function createModel(id, type, attributes = {}) {
  const model = { id, type };
  const properties = {};
  for (const [attr, value] of Object.entries(attributes)) {
    model[attr] = value;
    properties[attr] = { attr, is_unset: false, syncable: true, get_value: () => model[attr] };
  }
  return Object.assign(model, {
    properties,
    syncable_properties: () => Object.values(properties),
    setv: (values) => Object.assign(model, values),
  });
}

/** A document with these models, all of which are roots. */
export function createDocument(...models) {
  const byId = new Map(models.map((model) => [model.id, model]));
  return { _all_models: byId, get_model_by_id: (id) => byId.get(id) ?? null, roots: () => models };
}

export function buildPage(plots, others = {}) {
  const texts = { name: null, anchor: null, heading: null, caption: null, titles: [] };
  const entries = plots.map((id) => ({ id, generation: 1, changed: 1, missing: null, box: [600, 300], ...texts }));
  const page = { kind: "page", epoch: "one", version: 1, now: null, plots: entries, base: null, order: null };
  return { ...page, apps: [], bundles: {}, download: true, ...others };
}

export function buildPlot(plot, others = {}) {
  return { kind: "plot", epoch: "one", version: 1, plot, generation: 1, base: null, op: "replace", byteLength: 100, ...others };
}

/** An array as BokehJS has it: flat, with its type and its shape. */
export function createArray(dtype, values, shape = [values.length]) {
  const types = {
    float64: Float64Array, float32: Float32Array, int32: Int32Array, uint32: Uint32Array, int16: Int16Array,
    uint16: Uint16Array, int8: Int8Array, uint8: Uint8Array, bool: Uint8Array,
  };
  return Object.assign(types[dtype] ? new types[dtype](values) : [...values], { dtype, shape });
}

/** For tests that need no pause. */
export const pacer = { pause: async () => {} };
