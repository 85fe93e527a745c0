// Keeps a picture, a table or a text that is not drawn yet.

/** @import { PlotMessage } from "./messages.mjs" */

export class UndrawnMedia {
  // True after drawing it failed, until it changes.
  hasFailed = false;
  #message;

  /** @param {PlotMessage} message */
  constructor(message) {
    this.#message = message;
  }

  get parts() {
    return this.#message.parts;
  }

  get media() {
    return this.#message.media;
  }

  buildMessage() {
    return this.#message;
  }
}
