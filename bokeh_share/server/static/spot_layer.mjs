// Shows pins, and the author's pointer, at points of figures.

import { createElement, setText } from "./dom.mjs";
import { findScreenSpot } from "./spots.mjs";

/**
 * @import { Pin, Spot } from "./messages.mjs"
 * @import { SpotCard } from "./spots.mjs"
 */

export class SpotLayer {
  #listCards;
  #pointer = createElement("div", "author-pointer");
  element = createElement("div", "spot-layer", this.#pointer);
  /** @type {Map<number, { pin: Pin, element: HTMLElement }>} */
  #pins = new Map();
  /** @type {Spot | null} */
  #pointed = null;
  #isMoving = false;

  /** @param {() => SpotCard[]} listCards */
  constructor(listCards) {
    this.#listCards = listCards;
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "The author’s pins");
    this.#pointer.hidden = true;
    this.#pointer.setAttribute("aria-hidden", "true");
  }

  /** @param {Pin[]} pins all of them */
  setPins(pins) {
    for (const { element } of this.#pins.values()) element.remove();
    this.#pins.clear();
    for (const pin of pins) {
      const text = createElement("span", "pin-text");
      setText(text, pin.text);
      text.dir = "auto";
      const element = createElement("div", "pin", text);
      element.setAttribute("role", "note");
      element.dataset.pin = `${pin.pin}`;
      this.element.append(element);
      this.#pins.set(pin.pin, { pin, element });
    }
    this.#start();
  }

  /** @param {Spot | null} spot */
  setPointer(spot) {
    this.#pointed = spot;
    this.#start();
  }

  // Figures scroll, zoom and change, so places are found anew for each frame, while there is something to show.
  #start() {
    if (this.#isMoving) return;
    this.#isMoving = true;
    requestAnimationFrame(() => this.#move());
  }

  #move() {
    const cards = this.#listCards();
    for (const { pin, element } of this.#pins.values()) place(element, findScreenSpot(pin, cards));
    place(this.#pointer, this.#pointed && findScreenSpot(this.#pointed, cards));
    this.#isMoving = false;
    if (this.#pins.size > 0 || this.#pointed) this.#start();
  }
}

/**
 * @param {HTMLElement} element
 * @param {{ left: number, top: number, isInside: boolean } | null} spot
 */
function place(element, spot) {
  element.hidden = spot === null;
  if (!spot) return;
  element.style.transform = `translate(${spot.left}px, ${spot.top}px)`;
  element.classList.toggle("at-edge", !spot.isInside);
  element.classList.toggle("at-right", spot.left > innerWidth * 0.6);
}
