// Lets the author put a pin where they double-click on a plot.

import { createButton } from "./author_panel.mjs";
import { createElement } from "./dom.mjs";
import { findSpot } from "./spots.mjs";

/**
 * @import { RunCommand } from "./author_panel.mjs"
 * @import { Spot } from "./messages.mjs"
 * @import { SpotCard } from "./spots.mjs"
 */

const MAX_PIN_LENGTH = 140;
const CARD_PLOT = ".card .plot";

export class PinEditor {
  #run;
  #listCards;
  /** @type {HTMLElement | null} */
  #form = null;

  /**
   * @param {RunCommand} run
   * @param {() => SpotCard[]} listCards
   */
  constructor(run, listCards) {
    this.#run = run;
    this.#listCards = listCards;
    document.addEventListener("dblclick", (event) => this.#handleDoubleClick(event), { capture: true });
  }

  /** @param {MouseEvent} event */
  #handleDoubleClick({ target, clientX, clientY }) {
    if (!(target instanceof Element) || !target.closest(CARD_PLOT)) return;
    const spot = findSpot(clientX, clientY, this.#listCards());
    if (spot) this.#open(spot, clientX, clientY);
  }

  /**
   * @param {Spot} spot
   * @param {number} left
   * @param {number} top
   */
  #open(spot, left, top) {
    this.#close();
    const field = createElement("input", "author-input");
    field.maxLength = MAX_PIN_LENGTH;
    field.required = true;
    field.dir = "auto";
    field.setAttribute("aria-label", "Text of the pin");
    field.placeholder = "Text of the pin";
    const put = createElement("button", "author-button", "Pin");
    const form = createElement("form", "pin-form", field, put, createButton("Cancel", () => this.#close()));
    form.setAttribute("aria-label", "A new pin");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#run("pin", { spot, text: field.value });
      this.#close();
    });
    form.addEventListener("keydown", ({ key }) => { if (key === "Escape") this.#close(); });
    (document.fullscreenElement ?? document.body).append(form);
    const { width, height } = form.getBoundingClientRect();
    form.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    form.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
    this.#form = form;
    field.focus();
  }

  #close() {
    this.#form?.remove();
    this.#form = null;
  }
}
