// Lets the author move, drop and describe the plots on their own page.

import { createButton } from "./author_panel.mjs";
import { createElement } from "./dom.mjs";

/**
 * @import { RunCommand } from "./author_panel.mjs"
 * @typedef {{ plotId: string, heading: string, section: HTMLElement }} ControlledCard
 */

const DRAG_TYPE = "application/x-bokeh-share-plot";
const MAX_CAPTION_LENGTH = 1000;

export class CardControls {
  #run;
  #listCards;
  /** @type {WeakMap<HTMLElement, HTMLElement>} The button that moves the card, by the section of the card. */
  #handles = new WeakMap();
  /** @type {string | null} The plot that was moved last by a key. */
  #movedPlot = null;
  /** @type {string[]} The order that the author asked for last, until the page has it. */
  #asked = [];

  /**
   * @param {RunCommand} run
   * @param {() => ControlledCard[]} listCards in the page's order
   */
  constructor(run, listCards) {
    this.#run = run;
    this.#listCards = listCards;
  }

  // There may be new cards, and others have moved.
  update() {
    if (this.#shownIds.join() === this.#asked.join()) this.#asked = [];
    for (const card of this.#listCards()) {
      if (!this.#handles.has(card.section)) this.#handles.set(card.section, this.#add(card));
      // a card that moves in the document loses the focus, and the author presses the key again
      const hasLostFocus = card.plotId === this.#movedPlot && document.activeElement === document.body;
      if (hasLostFocus) this.#handles.get(card.section)?.focus();
    }
  }

  /**
   * Returns the button that moves the card.
   * @param {ControlledCard} card
   */
  #add(card) {
    // Firefox drags no buttons
    const handle = createElement("span", "author-button", "Move");
    handle.setAttribute("role", "button");
    handle.tabIndex = 0;
    handle.draggable = true;
    handle.title = "Drag it, or press the arrow keys";
    handle.addEventListener("keydown", (event) => this.#handleKey(event, card));
    handle.addEventListener("dragstart", ({ dataTransfer }) => dataTransfer?.setData(DRAG_TYPE, card.plotId));
    const caption = createButton("Caption", () => this.#editCaption(card, controls));
    const drop = createButton("Drop", () => this.#run("drop", { name: card.plotId }));
    const controls = createElement("div", "card-controls", handle, caption, drop);
    controls.setAttribute("role", "group");
    controls.setAttribute("aria-label", "Control this plot");
    card.section.prepend(controls);
    card.section.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes(DRAG_TYPE)) event.preventDefault();
    });
    card.section.addEventListener("drop", (event) => {
      const moved = event.dataTransfer?.getData(DRAG_TYPE);
      if (!moved) return;
      event.preventDefault();
      this.#arrange(moveBefore(this.#ids, moved, card.plotId));
    });
    return handle;
  }

  get #ids() {
    const shown = this.#shownIds;
    return this.#asked.length === shown.length && shown.every((id) => this.#asked.includes(id)) ? this.#asked : shown;
  }

  get #shownIds() {
    return this.#listCards().map(({ plotId }) => plotId);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {ControlledCard} card
   */
  #handleKey(event, { plotId }) {
    const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.#movedPlot = plotId;
    this.#arrange(moveBy(this.#ids, plotId, step));
  }

  /** @param {string[]} plots */
  #arrange(plots) {
    if (plots.join() === this.#ids.join()) return;
    this.#asked = plots;
    this.#run("arrange", { plots });
  }

  /**
   * @param {ControlledCard} card
   * @param {HTMLElement} controls
   */
  #editCaption({ plotId, section }, controls) {
    if (controls.querySelector("textarea")) return;
    const field = createElement("textarea", "author-input");
    field.value = section.querySelector(".caption")?.textContent ?? "";
    field.maxLength = MAX_CAPTION_LENGTH;
    field.setAttribute("aria-label", "Caption");
    const close = () => form.remove();
    const save = createElement("button", "author-button", "Save");
    const form = createElement("form", "caption-form", field, save, createButton("Cancel", close));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#run("set_caption", { plot: plotId, caption: field.value });
      close();
    });
    field.addEventListener("keydown", ({ key }) => { if (key === "Escape") close(); });
    controls.append(form);
    field.focus();
  }
}

/**
 * Returns the order in which one is before another.
 * @param {string[]} ids
 * @param {string} moved
 * @param {string} target
 */
export function moveBefore(ids, moved, target) {
  if (moved === target || !ids.includes(moved)) return ids;
  const isDown = ids.indexOf(moved) < ids.indexOf(target);
  const others = ids.filter((each) => each !== moved);
  others.splice(others.indexOf(target) + (isDown ? 1 : 0), 0, moved);
  return others;
}

/**
 * Returns the order in which one is some places further.
 * @param {string[]} ids
 * @param {string} moved
 * @param {number} step
 */
export function moveBy(ids, moved, step) {
  const target = ids[ids.indexOf(moved) + step];
  return target === undefined ? ids : moveBefore(ids, moved, target);
}
