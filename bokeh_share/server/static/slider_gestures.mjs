// Lets a finger on a horizontal slider scroll the page up and down.

import { addStyle } from "./figure_canvas.mjs";

// BokehJS's sliders are those of noUiSlider, which keep each finger.
const SLIDER_STYLE = ".noUi-horizontal, .noUi-horizontal * { touch-action: pan-y pinch-zoom !important; }";

// A finger that moved as far to the side uses the slider.
const MIN_DRAG = 8;

/**
 * A finger on a slider. `bar` is the part beside the handles; null if the finger is on a handle.
 * @typedef {{ id: number, x: number, y: number, bar: Element | null, isDragging: boolean }} SliderTouch
 */

// Applies to all sliders that BokehJS makes from now on. They are in a part of BokehJS that is loaded when needed.
export function patchSliderStyles() {
  addStyle(Bokeh.require("models/widgets/sliders/abstract_slider").AbstractSliderView.prototype, SLIDER_STYLE);
}

// A slider receives only moves to the side, and a finger on its bar only when it leaves: until then, it may scroll.
export class SliderGestures {
  /** @type {SliderTouch | null} */
  #touch = null;

  constructor() {
    const passive = { capture: true, passive: true };
    document.addEventListener("touchstart", (event) => this.#handleStart(event), passive);
    document.addEventListener("touchmove", (event) => this.#handleMove(event), passive);
    document.addEventListener("touchend", (event) => this.#handleEnd(event), { capture: true, passive: false });
    // browsers that scroll by a finger may go on with its touch events, but none with its pointer events
    for (const type of ["pointercancel", "touchcancel"]) {
      document.addEventListener(type, () => this.#handleCancel(), passive);
    }
  }

  /** @param {TouchEvent} event */
  #handleStart(event) {
    const [finger] = event.changedTouches;
    const path = event.composedPath().filter((each) => each instanceof Element);
    if (event.touches.length > 1) this.#handleCancel();
    if (event.touches.length > 1 || !finger || !path.some((each) => each.matches(".noUi-horizontal"))) return;
    const isOnHandle = path.some((each) => each.matches(".noUi-handle, .noUi-draggable"));
    const { identifier: id, clientX: x, clientY: y } = finger;
    this.#touch = { id, x, y, bar: isOnHandle ? null : path[0] ?? null, isDragging: false };
    if (!isOnHandle) event.stopPropagation();
  }

  /** @param {TouchEvent} event */
  #handleMove(event) {
    const finger = this.#touch && this.#findFinger(event);
    if (!this.#touch || !finger) return;
    const across = Math.abs(finger.clientX - this.#touch.x);
    if (across >= MIN_DRAG && across > Math.abs(finger.clientY - this.#touch.y)) this.#touch.isDragging = true;
    if (!this.#touch.isDragging) event.stopPropagation();
  }

  /** @param {TouchEvent} event */
  #handleEnd(event) {
    const finger = this.#touch && this.#findFinger(event);
    const bar = this.#touch?.bar;
    if (!finger) return;
    this.#touch = null;
    if (!bar) return;
    // the browser's own mouse events would follow, which differ
    event.preventDefault();
    const { clientX, clientY } = finger;
    for (const [type, buttons] of /** @type {const} */ ([["mousedown", 1], ["mouseup", 0]])) {
      bar.dispatchEvent(new MouseEvent(type, { clientX, clientY, buttons, bubbles: true, composed: true }));
    }
  }

  // The browser took the finger, which noUiSlider does not notice.
  #handleCancel() {
    if (this.#touch?.bar === null) document.documentElement.dispatchEvent(new MouseEvent("mouseup"));
    this.#touch = null;
  }

  /** @param {TouchEvent} event */
  #findFinger({ changedTouches }) {
    return [...changedTouches].find(({ identifier }) => identifier === this.#touch?.id) ?? null;
  }
}
