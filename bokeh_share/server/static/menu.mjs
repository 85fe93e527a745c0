// Shows a menu below its button, for mouse, touch, keyboard and screen reader.

import { createElement } from "./dom.mjs";

/** @typedef {{ label: string, run: () => void }} MenuItem */

/** @type {Menu | null} At most one is open. */
let openedMenu = null;

/**
 * Opens the menu of a button, or closes it if it is open.
 * @param {HTMLElement} button
 * @param {MenuItem[]} items
 * @param {"first" | "last"} focused the item that has the focus then
 */
export function openMenu(button, items, focused) {
  const isOpen = openedMenu?.button === button;
  openedMenu?.close();
  if (!isOpen && items.length > 0) openedMenu = new Menu(button, items, focused);
}

// Follows the menu button pattern of the ARIA authoring practices.
class Menu {
  #items;
  #list = createElement("div", "menu");
  #listening = new AbortController();

  /**
   * @param {HTMLElement} button
   * @param {MenuItem[]} items
   * @param {"first" | "last"} focused
   */
  constructor(button, items, focused) {
    this.button = button;
    this.#items = items.map((item) => this.#createItem(item));
    this.#list.setAttribute("role", "menu");
    this.#list.setAttribute("aria-label", button.getAttribute("aria-label") ?? "");
    this.#list.append(...this.#items);
    this.#list.addEventListener("keydown", (event) => this.#handleKey(event));
    const { signal } = this.#listening;
    document.addEventListener("pointerdown", ({ target }) => this.#closeUnlessIn(target), { capture: true, signal });
    this.#list.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget) this.#closeUnlessIn(relatedTarget);
    }, { signal });
    button.setAttribute("aria-expanded", "true");
    button.after(this.#list);
    this.#place();
    this.#items.at(focused === "first" ? 0 : -1)?.focus({ preventScroll: true });
  }

  close() {
    this.#listening.abort();
    this.button.setAttribute("aria-expanded", "false");
    this.#list.remove();
    openedMenu = null;
  }

  /** @param {MenuItem} item */
  #createItem({ label, run }) {
    const node = createElement("button", "menu-item", label);
    node.type = "button";
    node.tabIndex = -1;
    node.setAttribute("role", "menuitem");
    node.addEventListener("click", () => {
      this.#closeAndFocus();
      run();
    });
    node.addEventListener("pointermove", () => node.focus({ preventScroll: true }));
    return node;
  }

  #closeAndFocus() {
    this.close();
    this.button.focus({ preventScroll: true });
  }

  /** @param {EventTarget | null} target */
  #closeUnlessIn(target) {
    if (!(target instanceof Node && this.button.parentElement?.contains(target))) this.close();
  }

  // Above the button if there is more room than below it.
  #place() {
    const { top, bottom } = this.button.getBoundingClientRect();
    const { height } = this.#list.getBoundingClientRect();
    const below = document.documentElement.clientHeight - bottom;
    this.#list.classList.toggle("above", below < height && top > below);
  }

  /** @param {KeyboardEvent} event */
  #handleKey(event) {
    const { key, ctrlKey, metaKey, altKey } = event;
    const index = this.#items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (key === "Tab") {
      this.#closeAndFocus(); // the browser moves the focus on from the button
      return;
    }
    const next = this.#findNext(key, index);
    if (key === "Escape") this.#closeAndFocus();
    else if (next && !ctrlKey && !metaKey && !altKey) next.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * Returns the item to which a key moves the focus.
   * @param {string} key
   * @param {number} index of the item with the focus
   */
  #findNext(key, index) {
    const items = this.#items;
    if (key === "ArrowDown") return items[(index + 1) % items.length];
    if (key === "ArrowUp") return items.at(index - 1);
    if (key === "Home") return items[0];
    if (key === "End") return items.at(-1);
    if (key.length !== 1 || key === " ") return null;
    const inOrder = [...items.slice(index + 1), ...items.slice(0, index + 1)];
    return inOrder.find(({ textContent }) => textContent?.toLowerCase().startsWith(key.toLowerCase()));
  }
}
