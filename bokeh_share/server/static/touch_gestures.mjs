// Lets a finger on a figure scroll the page, until the viewer taps the figure to use its tools.

import { AwakeFigure } from "./awake_figure.mjs";
import { createElement, findElement, setText } from "./dom.mjs";
import { findFigure, findHitArea, isFillingScreen, readTakenTouches } from "./figure_canvas.mjs";
import { FingerTracker } from "./finger_tracker.mjs";
import { PenGestures } from "./pen_gestures.mjs";
import { SentEvents } from "./sent_events.mjs";
import { SliderGestures } from "./slider_gestures.mjs";
import { isNearEdge } from "./touch_rules.mjs";

/**
 * A finger on the screen. `hitArea` is that of the canvas, if it is on one. `isWithheld` is true if BokehJS does not
 * receive its events.
 * @typedef {{ target: Element | null, hitArea: HTMLElement | null, isWithheld: boolean }} Touch
 */

const UNKNOWN_VIEWPORT = { offsetLeft: 0, width: Infinity, scale: 1 };

// A figure is at rest: BokehJS receives only taps. The first one wakes the figure, which then receives all touches
// until it rests again. Mice and pens always use the figure. All this is done with the events on their way to
// BokehJS; the plot's models stay as they are.
export class TouchGestures {
  #fingers = new FingerTracker();
  #sent = new SentEvents();
  /** @type {Map<number, Touch>} By the pointer's id. */
  #touches = new Map();
  /** @type {AwakeFigure | null} */
  #awake = null;
  // BokehJS hides tooltips when the finger leaves, which after a tap would be at once.
  #isLeaveWithheld = false;
  // as it is before drawings replace it for BokehJS
  #viewport = window.visualViewport ?? UNKNOWN_VIEWPORT;
  #notice = createElement("div", "visually-hidden");

  constructor() {
    this.#notice.setAttribute("aria-live", "polite");
    findElement("main").append(this.#notice);
    this.#listen("pointerover", (event) => this.#withhold(event, true));
    this.#listen("pointerdown", (event) => this.#handleDown(event));
    this.#listen("pointermove", (event) => this.#handleMove(event));
    this.#listen("pointerup", (event) => this.#handleEnd(event));
    this.#listen("pointercancel", (event) => this.#handleEnd(event));
    this.#listen("pointerout", (event) => this.#withhold(event, this.#isLeaveWithheld));
    document.addEventListener("pointerdown", (event) => this.#handleOtherPointer(event), true);
    document.addEventListener("contextmenu", () => this.#fingers.cancelTap(), true);
    document.addEventListener("scroll", (event) => this.#fingers.recordScroll(event), true);
    document.addEventListener("fullscreenchange", () => this.#rest());
    new PenGestures();
    new SliderGestures();
  }

  /**
   * @param {"pointerover" | "pointerdown" | "pointermove" | "pointerup" | "pointercancel" | "pointerout"} type
   * @param {(event: PointerEvent) => void} handle
   */
  #listen(type, handle) {
    document.addEventListener(type, (event) => {
      if (event.pointerType === "touch" && !this.#sent.has(event)) handle(event);
    }, true);
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} isWithheld if the event is on a canvas
   */
  #withhold(event, isWithheld) {
    if (isWithheld && findHitArea(event)) event.stopPropagation();
  }

  /** @param {PointerEvent} event */
  #handleDown(event) {
    if (event.isPrimary) {
      this.#touches.clear();
      this.#fingers.clear();
      this.#wakeFillingFigure(event);
    }
    this.#fingers.press(event);
    const touch = this.#beginTouch(event);
    this.#touches.set(event.pointerId, touch);
    if (touch.isWithheld) event.stopPropagation();
  }

  /**
   * @param {PointerEvent} event
   * @returns {Touch}
   */
  #beginTouch(event) {
    const hitArea = findHitArea(event);
    const path = event.composedPath();
    const target = findTarget(event);
    // a legend reacts when the finger comes down, which may be the start of scrolling
    if (!hitArea) return { target, hitArea, isWithheld: path.some(isLegend) };
    const first = this.#touches.values().next().value;
    if (first?.hitArea === hitArea) return { ...first };
    const awake = this.#awake?.hitArea === hitArea ? this.#awake : null;
    const isEdge = isNearEdge(event.clientX, this.#viewport) && !isFillingScreen(hitArea);
    const isWithheld = awake === null || isEdge;
    if (!isWithheld) awake?.startGesture(event);
    return { target, hitArea, isWithheld };
  }

  /**
   * A figure that fills the screen takes touches without a tap before.
   * @param {PointerEvent} event
   */
  #wakeFillingFigure(event) {
    const hitArea = findHitArea(event);
    if (!hitArea || this.#awake?.hitArea === hitArea || !isFillingScreen(hitArea)) return;
    this.#rest();
    this.#wake(hitArea, event);
  }

  /** @param {PointerEvent} event */
  #handleMove(event) {
    this.#fingers.move(event);
    this.#withhold(event, this.#touches.get(event.pointerId)?.isWithheld ?? false);
  }

  /** @param {PointerEvent} event at the end of a touch: the finger leaves, or the browser takes it */
  #handleEnd(event) {
    if (event.type === "pointercancel") this.#fingers.cancelTap();
    const isTap = this.#fingers.lift(event);
    const touch = this.#touches.get(event.pointerId);
    if (!touch) return;
    this.#touches.delete(event.pointerId);
    this.#isLeaveWithheld = isTap || touch.isWithheld;
    if (isTap) this.#handleTap(event, touch.target?.isConnected ? touch : findTouch(event));
    else this.#withhold(event, touch.isWithheld);
  }

  /**
   * @param {PointerEvent} event which BokehJS receives afterwards
   * @param {Touch} touch
   */
  #handleTap(event, { target, hitArea, isWithheld }) {
    const isElsewhere = !this.#awake?.includes(event.composedPath());
    if (isElsewhere) this.#rest();
    if (hitArea) {
      if (isElsewhere) this.#wake(hitArea, event);
      this.#sent.send("pointermove", hitArea, event);
    }
    if (target && isWithheld) this.#sent.send("pointerdown", target, event);
  }

  /** @param {PointerEvent} event */
  #handleOtherPointer(event) {
    if (event.pointerType !== "touch" && !this.#awake?.includes(event.composedPath())) this.#rest();
  }

  /** @param {TouchEvent} event */
  #handleTouchMove(event) {
    const isGiven = [...this.#touches.values()].some(({ hitArea, isWithheld }) => hitArea && !isWithheld);
    if (isGiven && event.cancelable && this.#awake?.isTaking(event.touches.length)) event.preventDefault();
  }

  /**
   * @param {HTMLElement} hitArea
   * @param {PointerEvent} event
   */
  #wake(hitArea, event) {
    const figure = findFigure(hitArea);
    if (!figure) return;
    const { one, two } = readTakenTouches(figure, event);
    if (!one && !two && figure.model.toolbar.tools.length === 0) return;
    this.#awake = new AwakeFigure(figure, {
      onDone: () => this.#rest(),
      onHidden: () => this.#rest(),
      onTouchMove: (each) => this.#handleTouchMove(each),
    });
    setText(this.#notice, `${this.#awake.label} takes touches now. The button "Done" lets them scroll the page again.`);
  }

  #rest() {
    const awake = this.#awake;
    if (!awake) return;
    this.#awake = null;
    if (awake.hitArea.isConnected) this.#sent.send("pointerout", awake.hitArea);
    awake.remove();
    setText(this.#notice, "Touches scroll the page again.");
  }
}

/**
 * Returns the element on which the event is, also in a shadow tree.
 * @param {Event} event
 */
function findTarget(event) {
  const [target] = event.composedPath();
  return target instanceof Element ? target : null;
}

/**
 * Returns the touch of a finger that came down on a drawing which was replaced meanwhile: the new one has received
 * nothing of it.
 * @param {PointerEvent} event
 * @returns {Touch}
 */
function findTouch(event) {
  return { target: findTarget(event), hitArea: findHitArea(event), isWithheld: true };
}

/** @param {EventTarget} target */
const isLegend = (target) => target instanceof Element && target.matches(".bk-Legend");
