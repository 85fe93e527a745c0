// Turns the page into a wall and back: by its address, by the key W, or from the menu.

import { buildWallSearch, readWallOptions } from "./wall_address.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { Tools } from "./tool_loader.mjs"
 * @import { Wall } from "./wall.mjs"
 */

// When the script could not be loaded, since the author's computer is away.
const RETRY_DELAY = 10_000;
const EDITABLE = "input, textarea, select, [role=menu] *";
// While one of them is open, the page's keys are not used.
const ON_TOP = "dialog[open], .card.full-screen";

// Most viewers never see a wall, so its script is loaded when it is used.
export class WallSwitch {
  #listCards;
  #loadTools;
  #isOn = false;
  #scrollTop = 0;
  /** @type {Wall | null} */
  #wall = null;

  /**
   * @param {() => Card[]} listCards in the page's order
   * @param {() => Promise<Tools>} loadTools
   */
  constructor(listCards, loadTools) {
    this.#listCards = listCards;
    this.#loadTools = loadTools;
    document.addEventListener("keydown", (event) => this.#handleKey(event));
    if (readWallOptions(location)) this.enter();
  }

  async enter() {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#scrollTop = scrollY;
    document.documentElement.dataset.wall = "";
    updateAddress(true);
    try {
      const { Wall } = await this.#loadTools();
      if (this.#isOn && !this.#wall) this.#wall = new Wall(this.#listCards, readWallOptions(location));
    } catch (error) {
      console.warn("the wall could not be loaded:", error);
      this.#turnOff();
      setTimeout(() => { if (readWallOptions(location)) this.enter(); }, RETRY_DELAY);
    }
  }

  leave() {
    if (!this.#isOn) return;
    this.#wall?.remove();
    this.#wall = null;
    this.#turnOff();
    updateAddress(false);
    scrollTo({ top: this.#scrollTop, behavior: "instant" });
  }

  // Cards were added, removed or moved.
  handlePage() {
    this.#wall?.update();
  }

  /** @param {Card} card whose plot has a new change */
  handleChange(card) {
    this.#wall?.handleChange(card);
  }

  #turnOff() {
    this.#isOn = false;
    delete document.documentElement.dataset.wall;
  }

  /** @param {KeyboardEvent} event */
  #handleKey(event) {
    const { key, ctrlKey, metaKey, altKey, repeat, defaultPrevented } = event;
    if (ctrlKey || metaKey || altKey || repeat || defaultPrevented || isTyping(event)) return;
    if (document.querySelector(ON_TOP)) return;
    if (key === "Escape" || (key.toLowerCase() === "w" && this.#isOn)) this.leave();
    else if (key.toLowerCase() === "w") this.enter();
  }
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  const [target] = event.composedPath();
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(EDITABLE));
}

/**
 * A page that is loaded again, or follows the share to another address, is a wall again.
 * @param {boolean} isWall
 */
function updateAddress(isWall) {
  const search = buildWallSearch(location, isWall);
  if (search !== location.search) history.replaceState(null, "", (search || location.pathname) + location.hash);
}
