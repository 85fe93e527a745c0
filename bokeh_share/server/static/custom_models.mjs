// Loads the scripts of the author's own models, as the page message lists them.

/**
 * @import { Bundle, PageMessage } from "./messages.mjs"
 * @import { ScriptLoader } from "./script_loader.mjs"
 */

const UNAVAILABLE_TEXTS = {
  compiling: "A custom model of the author is being compiled…",
  failed: "This plot cannot be shown: a custom model of the author does not compile. The author was told.",
  large: "This plot is too large for this server. The author’s own link shows it.",
};

/** @param {"compiling" | "failed" | "large"} reason */
export function describeUnavailable(reason) {
  return UNAVAILABLE_TEXTS[reason];
}

/** An error with a text for the viewer. */
export class ViewerError extends Error {}

export class CustomModels {
  /** @type {Record<string, Bundle | null>} By type: null for one that does not compile, missing while it is
   * being compiled. */
  #bundles = {};
  /** @type {Map<string, string>} BokehJS knows one model of a type, so a loaded script stays until a reload. */
  #loadedDigests = new Map();
  /** @type {(() => void)[]} */
  #waiters = [];
  #scripts;

  /** @param {ScriptLoader} scripts */
  constructor(scripts) {
    this.#scripts = scripts;
  }

  /**
   * Called before the message is queued, since the plot that is being drawn may wait for a bundle.
   * @param {PageMessage} message
   */
  update({ bundles }) {
    this.#bundles = bundles;
    for (const notify of this.#waiters.splice(0)) notify();
  }

  /**
   * Returns true if a loaded script is not the one that the message lists: only a reload replaces it.
   * @param {PageMessage} message
   */
  isReplaced({ bundles }) {
    return [...this.#loadedDigests].some(([type, digest]) => {
      const bundle = bundles[type];
      return bundle && bundle.digest !== digest;
    });
  }

  /**
   * Waits while the model is being compiled.
   * @param {string} type
   */
  async load(type) {
    while (!(type in this.#bundles)) await new Promise((resolve) => this.#waiters.push(() => resolve(null)));
    const bundle = this.#bundles[type];
    if (!bundle) throw new ViewerError(UNAVAILABLE_TEXTS.failed);
    this.#loadedDigests.set(type, bundle.digest);
    await this.#scripts.load(bundle.digest, `bundle/${bundle.digest}.js`, bundle.integrity);
  }
}
