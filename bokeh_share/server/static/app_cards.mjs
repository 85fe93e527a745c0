// Shows the apps on the page of all plots, each with its link.

import { createChangeTime, createElement, setText, showChangeTime } from "./dom.mjs";

/**
 * @import { AppEntry } from "./messages.mjs"
 * @typedef {{ section: HTMLElement, changeTime: HTMLElement, place: HTMLElement, caption: HTMLElement,
 *   changed: number }} AppLink
 */

export class AppCards {
  /** @type {Map<string, AppLink>} */
  #cards = new Map();

  get count() {
    return this.#cards.size;
  }

  /**
   * Returns the cards' elements, in order.
   * @param {AppEntry[]} apps
   * @param {boolean} areRelayed true if they run on the author's machine only
   */
  update(apps, areRelayed) {
    for (const [name, card] of this.#cards) {
      if (apps.some((each) => each.name === name)) continue;
      this.#cards.delete(name);
      card.section.remove();
    }
    return apps.map(({ name, about, changed }) => {
      const card = this.#cards.get(name) ?? createAppLink(name);
      this.#cards.set(name, card);
      card.changed = changed;
      setText(card.caption, about);
      card.caption.hidden = !about;
      card.place.hidden = !areRelayed;
      return card.section;
    });
  }

  /**
   * @param {number} now by the server's clock
   * @param {string} pageAge the time that the page's header shows
   */
  refreshTimes(now, pageAge) {
    for (const { changeTime, changed } of this.#cards.values()) showChangeTime(changeTime, changed, now, pageAge);
  }
}

/**
 * @param {string} name
 * @returns {AppLink}
 */
function createAppLink(name) {
  const link = createElement("a", "", name);
  link.href = encodeURIComponent(name);
  link.dir = "auto";
  const changeTime = createChangeTime();
  const caption = createElement("p", "caption");
  caption.dir = "auto";
  const place = createElement("p", "app-place", "on the author’s machine");
  const header = createElement("header", "", createElement("h2", "", link), place, changeTime);
  return { section: createElement("section", "card app", header, caption), changeTime, place, caption, changed: 0 };
}
