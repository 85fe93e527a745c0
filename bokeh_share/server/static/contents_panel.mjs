// Shows the page's contents: as a column in a wide window, else as a panel that a button in the header opens.

import { createElement, findElement } from "./dom.mjs";

export class ContentsPanel {
  element = createElement("nav", "contents");
  #button = createElement("button", "contents-button");
  #mark = createElement("span", "change-mark");
  #header = findElement(".page-header");
  #filter;

  /** @param {HTMLElement} filter that has the focus when the panel opens */
  constructor(filter) {
    this.#filter = filter;
    this.element.id = "page-contents";
    this.element.setAttribute("aria-label", "Contents");
    this.element.hidden = true;
    this.#mark.hidden = true;
    this.#button.type = "button";
    this.#button.hidden = true;
    this.#button.append(createElement("span", "contents-icon"), this.#mark);
    this.#button.setAttribute("aria-controls", this.element.id);
    this.#button.setAttribute("aria-expanded", "false");
    this.#button.addEventListener("click", () => this.#isOpen ? this.#closeAndFocus() : this.#open());
    this.element.addEventListener("keydown", ({ key }) => {
      if (key === "Escape" && this.#isOpen) this.#closeAndFocus();
    });
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !this.#contains(relatedTarget)) this.close();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (this.#isOpen && target instanceof Node && !this.#contains(target)) this.close();
    }, { capture: true });
    this.setChangeCount(0);
    this.#header.prepend(this.#button);
    this.#header.after(this.element);
  }

  get #isOpen() {
    return this.element.classList.contains("open");
  }

  /** @param {boolean} isShown */
  setShown(isShown) {
    this.element.hidden = !isShown;
    this.#button.hidden = !isShown;
    document.body.classList.toggle("has-contents", isShown);
    if (!isShown) this.close();
  }

  /** @param {number} count of plots that changed since the viewer looked */
  setChangeCount(count) {
    this.#mark.hidden = count === 0;
    const label = count === 0 ? "Contents" : `Contents: ${count} ${count === 1 ? "plot has" : "plots have"} changed`;
    if (this.#button.title === label) return;
    this.#button.title = label;
    this.#button.setAttribute("aria-label", label);
  }

  close() {
    this.element.classList.remove("open");
    this.#button.setAttribute("aria-expanded", "false");
  }

  #open() {
    const { bottom } = this.#header.getBoundingClientRect();
    this.element.style.setProperty("--panel-top", `${Math.max(0, bottom)}px`);
    this.element.classList.add("open");
    this.#button.setAttribute("aria-expanded", "true");
    // on a touch screen the keyboard would cover the list
    if (!matchMedia("(pointer: coarse)").matches) this.#filter.focus({ preventScroll: true });
  }

  #closeAndFocus() {
    this.close();
    this.#button.focus({ preventScroll: true });
  }

  /** @param {Node} node */
  #contains(node) {
    return this.element.contains(node) || this.#button.contains(node);
  }
}
