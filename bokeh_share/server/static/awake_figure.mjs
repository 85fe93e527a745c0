// The figure that a viewer is using by touch: it takes the touches, and is marked by a frame and a button "Done".

import { createElement } from "./dom.mjs";
import { findOuterElement, listFiguresIn, readTakenTouches } from "./figure_canvas.mjs";

/**
 * @import { TakenTouches } from "./touch_rules.mjs"
 * @typedef {object} AwakeHandlers
 * @property {() => void} onDone called when the viewer wants to scroll the page again
 * @property {() => void} onHidden called when the figure is out of view, or no longer exists
 * @property {(event: TouchEvent) => void} onTouchMove
 */

export class AwakeFigure {
  #figure;
  #handlers;
  #frame;
  // To find the figure again after the plot was redrawn.
  #index;
  #count;
  #button = createElement("button", "done-button", "Done");
  #observer = new IntersectionObserver((entries) => this.#handleIntersection(entries));
  // The tool for two fingers, if it is active only because the figure is awake.
  /** @type {BokehJS.Model | null} */
  #scrollTool = null;
  /** @type {TakenTouches} */
  #taken = { one: false, two: false };

  /**
   * @param {BokehJS.View} figure
   * @param {AwakeHandlers} handlers
   */
  constructor(figure, handlers) {
    this.#figure = figure;
    this.#handlers = handlers;
    this.#frame = findOuterElement(figure.el).closest(".plot");
    const figures = listFiguresIn(this.#frame);
    this.#index = figures.indexOf(figure);
    this.#count = figures.length;
    this.#button.type = "button";
    this.#button.setAttribute("aria-label", "Done: touches scroll the page again");
    this.#button.addEventListener("click", (event) => this.#handleDone(event));
    this.#frame?.after(this.#button);
    this.#attach(figure);
  }

  /** @returns {HTMLElement} */
  get hitArea() {
    return this.#figure.canvas_view.events_el;
  }

  // The name of the plot, as a screen reader says it.
  get label() {
    return this.#frame?.getAttribute("aria-label") ?? "Plot";
  }

  /**
   * Returns true if an event on this path belongs to the figure: its toolbar may be elsewhere in the layout.
   * @param {EventTarget[]} path
   */
  includes(path) {
    if (path.includes(this.#figure.el) || path.includes(this.#button)) return true;
    return this.#frame !== null && path.includes(this.#frame) && path.some(isToolbar);
  }

  /** @param {PointerEvent} event of the first finger */
  startGesture(event) {
    this.#taken = readTakenTouches(this.#figure, event);
  }

  /** @param {number} fingers */
  isTaking(fingers) {
    return fingers > 1 ? this.#taken.two : this.#taken.one;
  }

  remove() {
    this.#detach();
    this.#scrollTool?.setv({ active: false });
    this.#button.remove();
    // BokehJS has tools that are active while the figure has the focus
    this.hitArea.blur();
  }

  /** @param {BokehJS.View} figure */
  #attach(figure) {
    this.#figure = figure;
    const { hitArea } = this;
    figure.canvas_view.el.dataset.awake = "";
    hitArea.addEventListener("touchmove", this.#handlers.onTouchMove, { passive: false });
    for (const type of ["pointerup", "pointercancel"]) hitArea.addEventListener(type, this.#handleGestureEnd);
    hitArea.focus({ preventScroll: true });
    this.#activateScrollTool();
    this.#observer.observe(figure.canvas_view.el);
  }

  // BokehJS does this for a figure that gets the focus, but only if the figure has a toolbar of its own.
  #activateScrollTool() {
    const { tools, active_scroll } = this.#figure.model.toolbar;
    /** @type {BokehJS.Model | undefined} */
    const tool = tools.find((/** @type {BokehJS.Model} */ { event_types }) => event_types.includes("scroll"));
    const isNeeded = active_scroll === "auto" && tool && (!tool.active || this.#scrollTool);
    this.#scrollTool = isNeeded ? tool : null;
    this.#scrollTool?.setv({ active: true });
  }

  #detach() {
    const { hitArea } = this;
    this.#observer.disconnect();
    delete this.#figure.canvas_view.el.dataset.awake;
    hitArea.removeEventListener("touchmove", this.#handlers.onTouchMove);
    for (const type of ["pointerup", "pointercancel"]) hitArea.removeEventListener(type, this.#handleGestureEnd);
  }

  /** @param {MouseEvent} event */
  #handleDone({ detail }) {
    const { hitArea } = this;
    this.#handlers.onDone();
    // the keyboard goes on from the figure, since the button is gone
    if (detail === 0) hitArea.focus({ preventScroll: true });
  }

  // BokehJS ends a gesture when its first finger leaves, and fails at the next event of another finger.
  #handleGestureEnd = () => {
    const { ui_gestures } = this.#figure.canvas_view.ui_event_bus;
    if (ui_gestures.phase === "idle" && ui_gestures.pointers.size > 0) ui_gestures.reset();
  };

  /** @param {IntersectionObserverEntry[]} entries */
  #handleIntersection(entries) {
    if (entries.at(-1)?.isIntersecting) return;
    const successor = this.#figure.el.isConnected ? null : this.#findSuccessor();
    if (!successor) {
      this.#handlers.onHidden();
      return;
    }
    this.#detach();
    this.#attach(successor);
  }

  // A figure that was redrawn has another view, and may have another model.
  #findSuccessor() {
    const figures = listFiguresIn(this.#frame);
    const same = figures.find(({ model }) => model.id === this.#figure.model.id);
    return same ?? (figures.length === this.#count ? figures[this.#index] : undefined) ?? null;
  }
}

/** @param {EventTarget} target */
const isToolbar = (target) => target instanceof Element && target.matches(".bk-Toolbar");
