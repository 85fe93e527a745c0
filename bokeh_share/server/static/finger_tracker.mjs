// Follows the fingers on the screen, and tells taps from other gestures.

const MAX_TAP_DISTANCE = 10;
const MAX_TAP_DURATION = 500;

// A finger that stops a page in motion is no tap.
const MIN_TIME_AFTER_SCROLL = 100;

/**
 * The part of a pointer event that matters here.
 * @typedef {{ pointerId: number, clientX: number, clientY: number, timeStamp: number }} Finger
 */

export class FingerTracker {
  /** @type {Map<number, Finger>} Where each finger came down. */
  #fingers = new Map();
  #isTapPossible = false;
  #lastScrollTime = -Infinity;

  // Forgets all fingers: the browser does not report the end of each touch, as when the element is removed.
  clear() {
    this.#fingers.clear();
  }

  /** @param {{ timeStamp: number }} event */
  recordScroll({ timeStamp }) {
    this.#lastScrollTime = timeStamp;
  }

  /** @param {Finger} event */
  press(event) {
    const { pointerId, clientX, clientY, timeStamp } = event;
    this.#fingers.set(pointerId, { pointerId, clientX, clientY, timeStamp });
    this.#isTapPossible = this.#fingers.size === 1 && timeStamp - this.#lastScrollTime > MIN_TIME_AFTER_SCROLL;
  }

  /** @param {Finger} event */
  move({ pointerId, clientX, clientY }) {
    const start = this.#fingers.get(pointerId);
    if (!start) return;
    const distance = Math.hypot(clientX - start.clientX, clientY - start.clientY);
    if (distance > MAX_TAP_DISTANCE) this.#isTapPossible = false;
  }

  /**
   * Returns true if the finger that leaves made a tap.
   * @param {Finger} event
   */
  lift(event) {
    this.move(event);
    const start = this.#fingers.get(event.pointerId);
    this.#fingers.delete(event.pointerId);
    return start !== undefined && this.#isTapPossible && event.timeStamp - start.timeStamp <= MAX_TAP_DURATION;
  }

  // The browser took the finger, or opened a menu for it.
  cancelTap() {
    this.#isTapPossible = false;
  }
}
