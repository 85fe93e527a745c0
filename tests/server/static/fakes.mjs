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
  const entries = plots.map((id) => {
    const texts = { name: null, heading: null, caption: null, titles: [] };
    return { id, generation: 1, changed: 1, missing: null, box: [600, 300], ...texts };
  });
  return { kind: "page", epoch: "one", version: 1, plots: entries, apps: [], bundles: {}, ...others };
}

export function buildPlot(plot, others = {}) {
  return { kind: "plot", epoch: "one", version: 1, plot, generation: 1, base: null, op: "replace", ...others };
}
