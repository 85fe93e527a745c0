// Fills the window with a sentence while there is nothing else to show: the state, and what happens next.

import { findElement, setText } from "./dom.mjs";
import { CONNECTING } from "./states.mjs";

/**
 * @import { State, StateName } from "./states.mjs"
 * @typedef {{ title: string, next: string }} NoticeTexts
 */

const OPENS_ITSELF = "This page opens by itself when they share again.";
const TRIES_AGAIN = "This page tries again by itself.";
const GOES_ON = "This page goes on by itself when it is back.";

/** @type {Partial<Record<StateName, NoticeTexts>>} */
const TEXTS = {
  connecting: { title: "Connecting…", next: "The plots appear here when the author’s computer answers." },
  reconnecting: {
    title: "The author’s computer does not answer.",
    next: `It may be off, asleep, or on another network. ${TRIES_AGAIN}`,
  },
  blocked: {
    title: "Something between this browser and the author’s computer lets no websocket through.",
    next: "The plots come by a websocket. A proxy or a security program may block it. Try another network, or tell the"
      + ` author, whose card says more. ${TRIES_AGAIN}`,
  },
  "sent-away": { title: "The author closed this page.", next: "To come back, open the link again." },
  full: { title: "This page is full.", next: "It opens by itself when someone leaves." },
  locked: { title: "This page needs a password.", next: "You get it from the person who sent you the link." },
};

export class StateNotice {
  #element = findElement(".state-notice");
  #title = findElement(".state-notice .notice-title");
  #next = findElement(".state-notice .notice-next");
  #emptyTexts;
  /** @type {State} */
  #state = CONNECTING;
  #isEmpty = true;

  /** @param {NoticeTexts} emptyTexts of a share that runs, and has nothing to show yet */
  constructor(emptyTexts) {
    this.#emptyTexts = emptyTexts;
    // stays if the page's script does not run, and then says so
    document.querySelector(".script-notice")?.remove();
    this.#update();
  }

  /** @param {State} state */
  showState(state) {
    this.#state = state;
    this.#update();
  }

  /** @param {boolean} isEmpty true if the page has nothing else to show */
  setEmpty(isEmpty) {
    this.#isEmpty = isEmpty;
    this.#update();
  }

  #update() {
    this.#element.hidden = !this.#isEmpty;
    const { title, next } = describeNotice(this.#state, this.#emptyTexts);
    setText(this.#title, title);
    setText(this.#next, next);
  }
}

/**
 * @param {State} state
 * @param {NoticeTexts} emptyTexts
 * @returns {NoticeTexts}
 */
export function describeNotice({ name, describe }, emptyTexts) {
  if (name === "ended") return { title: `${describe()}.`, next: OPENS_ITSELF };
  if (name === "away") return { title: `${describe()}.`, next: GOES_ON };
  if (name === "moved") return splitSentence(describe());
  if (name === "paused") return { title: emptyTexts.title, next: `${describe()}.` };
  return TEXTS[name] ?? emptyTexts;
}

/**
 * @param {string} text of one or two sentences
 * @returns {NoticeTexts}
 */
function splitSentence(text) {
  const [title = "", next = ""] = text.split(/(?<=\.) /);
  return { title, next };
}
