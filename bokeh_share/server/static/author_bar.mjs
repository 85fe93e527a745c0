// The bar of the author's own page: the state of the share, and the buttons that are used in a meeting.

import { createButton } from "./author_panel.mjs";
import { createElement, setText } from "./dom.mjs";

/**
 * @import { AuthorMessage } from "./messages.mjs"
 * @import { RunCommand } from "./author_panel.mjs"
 */

const STATUS_DURATION = 8000;

export class AuthorBar {
  #pause;
  #present;
  #people;
  #status = createElement("span", "author-status");
  #isPaused = false;
  #isPresenting = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  element;

  /**
   * @param {RunCommand} run
   * @param {HTMLElement} panel that the bar opens and closes
   * @param {() => void} onCopy
   */
  constructor(run, panel, onCopy) {
    this.#pause = createButton("Pause", () => run(this.#isPaused ? "resume" : "pause"));
    this.#present = createButton("Present", () => run(this.#isPresenting ? "stop_presenting" : "start_presenting"));
    this.#people = createButton("", () => {
      panel.hidden = !panel.hidden;
      this.#people.setAttribute("aria-expanded", `${!panel.hidden}`);
    });
    this.#people.setAttribute("aria-expanded", "false");
    this.#people.setAttribute("aria-controls", panel.id);
    this.#status.setAttribute("role", "status");
    this.element = createElement("div", "author-bar",
      createElement("span", "author-mark", "Author"), this.#present, this.#pause, createButton("Copy link", onCopy),
      this.#people, this.#status);
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "Control this share");
  }

  /** @param {AuthorMessage} state */
  update({ viewers, waiting, presenting, relayed }) {
    this.#isPresenting = presenting === "here";
    setText(this.#present, this.#isPresenting ? "Stop presenting" : "Present");
    this.#present.classList.toggle("active", this.#isPresenting);
    this.#present.title = presenting === "elsewhere" ? "Another page of yours is presenting" : "";
    setText(this.#people, describeViewerCount(viewers, relayed));
    this.element.classList.toggle("waiting", waiting > 0);
  }

  /** @param {boolean} isPaused */
  showPaused(isPaused) {
    this.#isPaused = isPaused;
    setText(this.#pause, isPaused ? "Resume" : "Pause");
    this.#pause.classList.toggle("active", isPaused);
  }

  /** @param {string} text shown for some seconds */
  showStatus(text) {
    clearTimeout(this.#timer);
    setText(this.#status, text);
    this.#timer = setTimeout(() => setText(this.#status, ""), STATUS_DURATION);
  }
}

/**
 * @param {{ slow: boolean }[]} viewers of the share itself
 * @param {number} relayed the number of viewers at relays
 */
export function describeViewerCount(viewers, relayed) {
  const slow = viewers.filter((each) => each.slow).length;
  const total = viewers.length + relayed;
  const count = total === 1 ? "1 viewer" : `${total} viewers`;
  return slow > 0 ? `${count}, ${slow} slow` : count;
}
