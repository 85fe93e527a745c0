// Lets a card fill the screen, with the plot as large as it can be.

import { createElement } from "./dom.mjs";
import { EnlargedPlot } from "./enlarged_plot.mjs";

/** @import { Tool, ToolTarget } from "./tool_menu.mjs" */

const CLASS = "full-screen";
const LEAVE_EVENT = "leave-full-screen";
const HINT = "Press Esc, or choose “Leave full screen” in this menu, to return to the page.";

/** @type {Tool<ToolTarget>} */
export const enterFullScreen = {
  id: "full-screen",
  label: "Full screen",
  isAvailable: ({ section }) => !section.classList.contains(CLASS),
  run: async (target) => await new FullScreen(target).enter() ? undefined : HINT,
};

/** @type {Tool<ToolTarget>} */
export const leaveFullScreen = {
  id: "leave-full-screen",
  label: "Leave full screen",
  isAvailable: ({ section }) => section.classList.contains(CLASS),
  run: ({ section }) => { section.dispatchEvent(new Event(LEAVE_EVENT)); },
};

// The style sheet makes the card and its figure large, by a class on the card. So a drawing that replaces another
// one is as large from the start.
class FullScreen {
  #target;
  #section;
  /** @type {EnlargedPlot | null} */
  #plot = null;
  // Keeps the place of the card, so that the page behind it does not move.
  #gap = createElement("div", "");
  #listening = new AbortController();
  #observer = new MutationObserver(() => { if (!this.#section.isConnected) this.#leave(); });

  /** @param {ToolTarget} target */
  constructor(target) {
    this.#target = target;
    this.#section = target.section;
  }

  // Returns false if the browser does not allow it: the card then fills the window. An iPhone allows it for videos
  // only.
  async enter() {
    const section = this.#section;
    const { signal } = this.#listening;
    const { gridColumnStart, gridColumnEnd } = getComputedStyle(section);
    Object.assign(this.#gap.style, { height: `${section.offsetHeight}px`, gridColumnStart, gridColumnEnd });
    section.before(this.#gap);
    section.classList.add(CLASS);
    if (section.parentElement) this.#observer.observe(section.parentElement, { childList: true });
    section.addEventListener(LEAVE_EVENT, () => this.#leave(), { signal });
    document.addEventListener("keydown", (event) => this.#handleKey(event), { signal });
    this.#plot = new EnlargedPlot(this.#target);
    try {
      await section.requestFullscreen({ navigationUI: "hide" });
    } catch {
      return false;
    }
    document.addEventListener("fullscreenchange", () => {
      if (document.fullscreenElement !== section) this.#leave();
    }, { signal });
    return true;
  }

  /** @param {KeyboardEvent} event which most browsers keep to themselves, and leave the full screen */
  #handleKey({ key, defaultPrevented }) {
    if (key === "Escape" && !defaultPrevented) this.#leave();
  }

  #leave() {
    const section = this.#section;
    this.#listening.abort();
    this.#observer.disconnect();
    this.#plot?.remove();
    section.classList.remove(CLASS);
    this.#gap.remove();
    if (document.fullscreenElement === section) document.exitFullscreen().catch(() => {});
  }
}
