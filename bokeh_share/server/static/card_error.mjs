// Says below a plot why it is not shown, or not in its newest state.

import { describeUnavailable } from "./custom_models.mjs";
import { createElement, setText } from "./dom.mjs";

/** @import { PlotEntry } from "./messages.mjs" */

export class CardError {
  element = createElement("p", "error");
  /** @type {PlotEntry["missing"]} */
  #unavailableReason = null;

  constructor() {
    this.element.hidden = true;
  }

  // True if the server does not send the plot, since the page could not draw it.
  get isUnavailable() {
    return this.#unavailableReason !== null;
  }

  /**
   * The former drawing stays on screen.
   * @param {PlotEntry["missing"]} reason null if the plot is sent
   */
  showUnavailable(reason) {
    if (reason) this.showFailure(describeUnavailable(reason));
    else if (this.#unavailableReason) this.hide();
    this.#unavailableReason = reason;
  }

  /** @param {string} text */
  showFailure(text) {
    setText(this.element, text);
    this.element.hidden = false;
  }

  hide() {
    this.element.hidden = true;
  }
}
