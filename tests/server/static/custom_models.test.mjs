import assert from "node:assert/strict";
import test from "node:test";
import { CustomModels, ViewerError } from "../../../bokeh_share/server/static/custom_models.mjs";

const LOUD = { digest: "d1", integrity: "sha256-x" };

function createModels() {
  const loaded = [];
  return { loaded, models: new CustomModels({ load: async (...script) => { loaded.push(script); } }) };
}

test("a model's script is loaded by its digest", async () => {
  const { loaded, models } = createModels();
  models.update({ bundles: { Loud: LOUD } });
  await models.load("Loud");
  assert.deepEqual(loaded, [["d1", "bundle/d1.js", "sha256-x"]]);
});

test("a model that is being compiled is waited for", async () => {
  const { loaded, models } = createModels();
  const loading = models.load("Loud");
  models.update({ bundles: {} });
  assert.deepEqual(loaded, []);
  models.update({ bundles: { Loud: LOUD } });
  await loading;
  assert.equal(loaded.length, 1);
});

test("a model that does not compile is said to the viewer", async () => {
  const { models } = createModels();
  models.update({ bundles: { Loud: null } });
  await assert.rejects(models.load("Loud"), ViewerError);
});

test("another implementation replaces one that was loaded", async () => {
  const { models } = createModels();
  models.update({ bundles: { Loud: LOUD } });
  assert.equal(models.isReplaced({ bundles: { Loud: { ...LOUD, digest: "d2" } } }), false, "it was not loaded");
  await models.load("Loud");
  assert.equal(models.isReplaced({ bundles: { Loud: { ...LOUD, digest: "d2" } } }), true);
  for (const bundles of [{ Loud: LOUD }, { Loud: null }, {}]) assert.equal(models.isReplaced({ bundles }), false);
});
