// Shows the page's title, and marks the tab's title when the page changes while the viewer has another tab open.

import { findElement, setText } from "./dom.mjs";

export class PageTitle {
  #title = document.title;
  #hasUnseenChange = false;
  #heading = findElement("h1");

  constructor() {
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#clearMark(); });
  }

  /** @param {string} title */
  set(title) {
    this.#title = title;
    this.#updateTab();
    setText(this.#heading, title);
  }

  // Also forgets an earlier change if the viewer looks at the page now.
  markChange() {
    this.#hasUnseenChange = document.hidden;
    this.#updateTab();
  }

  #clearMark() {
    this.#hasUnseenChange = false;
    this.#updateTab();
  }

  #updateTab() {
    document.title = this.#hasUnseenChange ? `● ${this.#title}` : this.#title;
  }
}
