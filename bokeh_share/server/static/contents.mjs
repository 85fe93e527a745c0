// Lists the plots of a long page, marks those that changed since the viewer looked, and goes to them.

import { ContentsPanel } from "./contents_panel.mjs";
import { createElement, setText } from "./dom.mjs";
import { buildPlotFragment } from "./plot_fragment.mjs";
import { SeenCards } from "./seen_cards.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @typedef {{ item: HTMLLIElement, button: HTMLButtonElement, title: HTMLElement, change: HTMLElement }} Entry
 */

const MIN_PLOTS = 5;

export class Contents {
  #seen = new SeenCards(() => this.#refreshMarks());
  /** @type {Card[]} In the page's order. */
  #cards = [];
  /** @type {Map<Card, Entry>} */
  #entries = new Map();
  #filter = createElement("input", "contents-filter");
  #note = createElement("p", "contents-note");
  #list = createElement("ol", "");
  #panel = new ContentsPanel(this.#filter);

  constructor() {
    Object.assign(this.#filter, { type: "search", placeholder: "Filter", autocomplete: "off", dir: "auto" });
    this.#filter.setAttribute("aria-label", "Filter the contents");
    this.#filter.addEventListener("input", () => this.#applyFilter());
    this.#note.setAttribute("role", "status");
    const skip = createElement("button", "skip-button", "Skip the contents");
    skip.type = "button";
    skip.addEventListener("click", () => this.#cards[0]?.focus());
    this.#panel.element.append(skip, this.#filter, this.#note, this.#list);
    this.#panel.element.addEventListener("keydown", (event) => this.#handleKey(event));
  }

  /** @param {Card[]} cards in the page's order */
  update(cards) {
    this.#seen.update(cards);
    this.#cards = cards;
    this.#panel.setShown(cards.length >= MIN_PLOTS);
    if (cards.length < MIN_PLOTS) return;
    const staying = new Set(cards);
    for (const card of this.#entries.keys()) if (!staying.has(card)) this.#entries.delete(card);
    const items = cards.map((card) => this.#updateEntry(card).item);
    const { children } = this.#list;
    if (items.length !== children.length || items.some((item, index) => item !== children[index])) this.#show(items);
    this.#applyFilter();
    this.#refreshMarks();
  }

  /** @param {Card} card that changed after the page was opened */
  markChange(card) {
    this.#seen.markChange(card);
  }

  /** @param {Card} card */
  #updateEntry(card) {
    const entry = this.#entries.get(card) ?? createEntry(() => this.#goTo(card));
    this.#entries.set(card, entry);
    setText(entry.title, card.heading);
    return entry;
  }

  /** @param {HTMLLIElement[]} items */
  #show(items) {
    const { activeElement: focused } = document;
    this.#list.replaceChildren(...items);
    if (focused instanceof HTMLElement && this.#list.contains(focused)) focused.focus({ preventScroll: true });
  }

  /** @param {Card} card */
  #goTo(card) {
    this.#panel.close();
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    card.section.scrollIntoView({ behavior });
    card.focus();
    // a reload, and a copy of the address, lead to the plot
    history.replaceState(null, "", buildPlotFragment(card.names));
  }

  #applyFilter() {
    const words = this.#filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const card of this.#cards) {
      const text = card.searchText.toLowerCase();
      const isFound = words.every((word) => text.includes(word));
      count += Number(isFound);
      const entry = this.#entries.get(card);
      if (entry) entry.item.hidden = !isFound;
    }
    const found = count === 0 ? `No plot has “${this.#filter.value.trim()}” in its name, title or caption.`
      : `${count} of ${this.#cards.length} plots`;
    setText(this.#note, words.length > 0 ? found : "");
  }

  #refreshMarks() {
    const current = this.#cards.find((card) => this.#seen.isInView(card));
    for (const [card, { button, change }] of this.#entries) {
      change.hidden = !this.#seen.hasUnseenChange(card);
      if (card === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    this.#panel.setChangeCount(this.#seen.unseenCount);
  }

  /** @param {KeyboardEvent} event */
  #handleKey(event) {
    const buttons = this.#cards.flatMap((card) => {
      const entry = this.#entries.get(card);
      return entry && !entry.item.hidden ? [entry.button] : [];
    });
    const index = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const isInFilter = document.activeElement === this.#filter;
    if (event.key === "ArrowDown") (buttons[index + 1] ?? buttons[0])?.focus();
    else if (event.key === "ArrowUp" && !isInFilter) (buttons[index - 1] ?? this.#filter).focus();
    else if (event.key === "Enter" && isInFilter) buttons[0]?.click();
    else if (event.key === "Escape" && this.#filter.value) {
      this.#filter.value = "";
      this.#applyFilter();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/**
 * @param {() => void} onClick
 * @returns {Entry}
 */
function createEntry(onClick) {
  const title = createElement("span", "contents-title");
  title.dir = "auto";
  const change = createElement("span", "change-mark", createElement("span", "visually-hidden", "changed"));
  const button = createElement("button", "contents-entry", title, " ", change);
  button.type = "button";
  button.addEventListener("click", onClick);
  return { item: createElement("li", "", button), button, title, change };
}
