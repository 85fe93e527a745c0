// Says that the viewer follows the author, and lets them look around and return.

import { createElement, setText } from "./dom.mjs";

/** @import { FollowState } from "./follower.mjs" */

/** @type {Record<FollowState, { text: string, action: string }>} */
const TEXTS = {
  none: { text: "", action: "" },
  following: { text: "Following the author", action: "Look around by myself" },
  away: { text: "The author is presenting", action: "Return to the author’s view" },
};

export class FollowBar {
  #text = createElement("span", "follow-text");
  #button = createElement("button", "follow-button");
  element = createElement("div", "follow-bar", this.#text, this.#button);

  /** @param {() => void} onPress */
  constructor(onPress) {
    this.#text.setAttribute("role", "status");
    this.#button.type = "button";
    this.#button.addEventListener("click", onPress);
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "Presentation");
    this.show("none");
  }

  /** @param {FollowState} state */
  show(state) {
    const { text, action } = TEXTS[state];
    setText(this.#text, text);
    setText(this.#button, action);
    this.element.hidden = state === "none";
    document.documentElement.dataset.following = state;
  }
}
