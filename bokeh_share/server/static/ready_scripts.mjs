// Runs the scripts that the author registered for when the document is ready, each once.

import { listEventCallbacks } from "./models.mjs";

/** @import { ModelStore } from "./model_store.mjs" */

// A plot's root has the callbacks of the author's `document_ready` event under this name.
const READY_EVENT = "bokeh_share.ready";

export class ReadyScripts {
  /** @type {Set<string>} The texts of scripts that ran. */
  #ran = new Set();

  // For a drawing that replaces this one, which runs only scripts that are new.
  copy() {
    const copy = new ReadyScripts();
    copy.#ran = new Set(this.#ran);
    return copy;
  }

  /**
   * @param {BokehJS.Document} bokeh
   * @param {ModelStore} models
   */
  prepare(bokeh, models) {
    const found = bokeh.roots().flatMap((root) => listEventCallbacks(root, READY_EVENT));
    const scripts = new Map(found.map((script) => [models.serializeModel(script.id), script]));
    for (const text of this.#ran) if (!scripts.has(text)) this.#ran.delete(text);
    for (const [text, script] of scripts) {
      bokeh.on_event("document_ready", (...event) => {
        if (this.#ran.has(text)) return;
        this.#ran.add(text);
        script.execute(...event);
      });
    }
  }
}
