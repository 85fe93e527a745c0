// Keeps a plot that is not drawn yet up to date.

import { ModelStore } from "./model_store.mjs";

/** @import { PlotMessage } from "./messages.mjs" */

// Changes are applied to the models as messages have them, so that an undrawn plot takes the memory of one message,
// however often it changes, and is then drawn as on a page that was opened afterwards.
export class UndrawnPlot {
  // True after drawing it failed, until it changes.
  hasFailed = false;
  #models = new ModelStore();
  #message;

  /** @param {PlotMessage} message with the whole plot */
  constructor(message) {
    this.#models.applyPatch(message.patch, message.buffers);
    this.#message = omitPatch(message);
  }

  get parts() {
    return this.#message.parts;
  }

  /**
   * Applies a change, all of it or, if it throws an error, nothing.
   * @param {PlotMessage} message
   */
  apply(message) {
    const models = this.#models.copy();
    models.changeColumns(models.applyPatch(message.patch, message.buffers));
    models.prune();
    this.#models = models;
    this.#message = omitPatch(message);
    this.hasFailed = false;
  }

  /**
   * Builds a message with the whole plot, as the server would send it now.
   * @returns {PlotMessage}
   */
  buildMessage() {
    const [patch, buffers] = this.#models.buildPatch();
    return { ...this.#message, base: null, op: "replace", patch, buffers };
  }
}

/**
 * @param {PlotMessage} message
 * @returns {Omit<PlotMessage, "patch" | "buffers">}
 */
function omitPatch({ patch, buffers, ...others }) {
  return others;
}
