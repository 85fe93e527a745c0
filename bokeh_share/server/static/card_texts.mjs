// Shows the texts of a card: its heading, its caption, and when the plot changed.

import { createChangeTime, createElement, setText, showChangeTime } from "./dom.mjs";

/** @import { PlotEntry } from "./messages.mjs" */

export class CardTexts {
  #heading = createElement("h2", "");
  #changeTime = createChangeTime();
  caption = createElement("p", "caption");
  header = createElement("header", "", this.#heading, this.#changeTime);
  // The text that the filter of the contents searches.
  searchText = "";

  constructor() {
    this.#heading.dir = "auto";
    this.caption.dir = "auto";
  }

  // The plot's name, else its title, else its number.
  get heading() {
    return this.#heading.textContent ?? "";
  }

  /**
   * @param {PlotEntry} entry
   * @param {number} number of the plot on the page, from 1
   */
  update({ name, heading, caption, titles }, number) {
    const text = name ?? heading ?? "";
    setText(this.#heading, text || `Plot ${number}`);
    this.#heading.classList.toggle("untitled", !text);
    setText(this.caption, caption ?? "");
    this.caption.hidden = !caption;
    this.searchText = [this.heading, caption, ...titles].join("\n");
  }

  /**
   * @param {number} changed the time of the plot's last change, in milliseconds since 1970
   * @param {number} now by the server's clock
   * @param {string} pageAge the time that the page's header shows
   */
  refreshTime(changed, now, pageAge) {
    showChangeTime(this.#changeTime, changed, now, pageAge);
  }

  // Moves the focus to the heading.
  focus() {
    this.#heading.tabIndex = -1;
    this.#heading.focus({ preventScroll: true });
  }
}
