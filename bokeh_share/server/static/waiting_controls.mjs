// Marks the controls of an app that wait for the kernel, and what is drawn as old until then.

import { watchSession } from "./session_acks.mjs";

/** @import { DocumentEvent } from "./session_acks.mjs" */

// A kernel that is not busy answers sooner.
const MARK_DELAY = 600;
const OUTLINE = "2px dashed #c27a0a";
const OLD_OPACITY = "0.45";

export class WaitingControls {
  #bokeh;
  #onWaiting;
  /** @type {Set<string>[]} The ids of the controls in each message that the kernel has not processed yet. */
  #sent = [];
  /** @type {Set<HTMLElement>} */
  #marked = new Set();
  /** @type {Set<HTMLElement>} */
  #old = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {BokehJS.Document} bokeh
   * @param {(isWaiting: boolean) => void} onWaiting
   */
  constructor(bokeh, onWaiting) {
    this.#bokeh = bokeh;
    this.#onWaiting = onWaiting;
    watchSession(bokeh, {
      onSent: (events) => this.#handleSent(events),
      onProcessed: () => this.#handleProcessed(),
    });
  }

  // The connection is lost, or the document is replaced: nothing is answered any more.
  stop() {
    this.#sent = [];
    this.#update();
  }

  /** @param {DocumentEvent[]} events */
  #handleSent(events) {
    const ids = events.map(({ model, msg_data }) => (model ?? msg_data?.origin)?.id ?? "");
    this.#sent.push(new Set(ids.filter((id) => this.#findControl(id))));
    this.#update();
  }

  #handleProcessed() {
    this.#sent.shift();
    this.#update();
  }

  /** @param {string} id */
  #findControl(id) {
    const view = this.#bokeh.views_manager.query_one(({ model }) => model.id === id);
    // buttons, sliders, fields; a table or a text has none
    return typeof view?.controls === "function" ? view.el : null;
  }

  #update() {
    const isWaiting = this.#sent.some(({ size }) => size > 0);
    if (!isWaiting) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.#marked.size > 0) this.#unmark();
    } else if (this.#marked.size > 0) {
      this.#mark();
    } else {
      this.#timer ??= setTimeout(() => this.#mark(), MARK_DELAY);
    }
  }

  #mark() {
    for (const id of this.#sent.flatMap((ids) => [...ids])) {
      const element = this.#findControl(id);
      if (!element || this.#marked.has(element)) continue;
      this.#marked.add(element);
      element.setAttribute("aria-busy", "true");
      element.style.outline = OUTLINE;
    }
    for (const { canvas_view } of this.#bokeh.views_manager.query((view) => view.canvas_view?.events_el)) {
      this.#old.add(canvas_view.el);
      canvas_view.el.style.opacity = OLD_OPACITY;
    }
    this.#onWaiting(true);
  }

  #unmark() {
    for (const element of this.#marked) {
      element.removeAttribute("aria-busy");
      element.style.outline = "";
    }
    for (const element of this.#old) element.style.opacity = "";
    this.#marked.clear();
    this.#old.clear();
    this.#onWaiting(false);
  }
}
