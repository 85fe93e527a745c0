// Loads the parts of BokehJS that plots need.

import { patchCanvasLayers } from "./canvas_layers.mjs";
import { patchElementStyles } from "./figure_canvas.mjs";
import { patchColumnLayout } from "./layout.mjs";
import { patchSliderStyles } from "./slider_gestures.mjs";

/**
 * @import { CustomModels } from "./custom_models.mjs"
 * @import { ScriptLoader } from "./script_loader.mjs"
 */

const CUSTOM_PREFIX = "custom/";

export class BokehLoader {
  #version;
  #scripts;
  #customModels;
  #isPatched = false;

  /**
   * @param {string} version
   * @param {ScriptLoader} scripts
   * @param {CustomModels} customModels
   */
  constructor(version, scripts, customModels) {
    this.#version = version;
    this.#scripts = scripts;
    this.#customModels = customModels;
  }

  /** @param {string[]} parts without the first, which all plots need */
  async load(parts) {
    await this.#loadScript("bokeh");
    // `Bokeh.set_log_level` would log its own call
    Bokeh.logger.set_level("warn");
    this.#patch();
    const custom = parts.filter((part) => part.startsWith(CUSTOM_PREFIX));
    const others = parts.filter((part) => !custom.includes(part));
    await Promise.all(others.map((part) => this.#loadScript(`bokeh-${part}`)));
    if (parts.includes("widgets")) patchSliderStyles();
    if (parts.includes("mathjax")) await loadMathJax();
    // after the others, since the implementations may use them when they are loaded
    await Promise.all(custom.map((part) => this.#customModels.load(part.slice(CUSTOM_PREFIX.length))));
  }

  #patch() {
    if (this.#isPatched) return;
    this.#isPatched = true;
    patchColumnLayout();
    patchCanvasLayers();
    patchElementStyles();
  }

  /** @param {string} name */
  #loadScript(name) {
    return this.#scripts.load(name, `bokeh/${this.#version}/${name}.min.js`);
  }
}

// BokehJS searches for MathJax once, when it draws the first text that may contain mathematics, so it has to be
// loaded before. BokehJS's extensions import the module by this name.
async function loadMathJax() {
  const { default_provider: provider } = Bokeh.require("models/text/providers");
  if (provider.status === "failed") await provider.fetch();
}
