// Loads the script of the author's own page, for browsers that have the author's cookie.

/**
 * @import { AnswerMessage, AuthorMessage, AuthorRequest, PageMessage, PinsMessage } from "./messages.mjs"
 * @import { AuthorSide } from "./author.mjs"
 * @import { ControlledCard } from "./card_controls.mjs"
 * @import { PresentedCard } from "./presenter.mjs"
 * @typedef {AuthorMessage | AnswerMessage | PinsMessage | PageMessage} AuthorSideMessage
 */

const SCRIPT = "./author.js";
const STYLE_SHEET = "author.css";

export class AuthorLoader {
  /** @type {AuthorSideMessage[]} Messages that arrived before the script. */
  #waiting = [];
  /** @type {AuthorSide | null} */
  #side = null;

  /**
   * @param {(message: AuthorRequest) => void} send
   * @param {() => (ControlledCard & PresentedCard)[]} listCards in the page's order
   */
  constructor(send, listCards) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = STYLE_SHEET;
    document.head.append(link);
    import(SCRIPT).then((module) => {
      this.#side = new module.AuthorSide(send, listCards);
      for (const message of this.#waiting.splice(0)) this.#side?.handle(message);
    }, (error) => console.warn("the author's bar could not be loaded:", error));
  }

  /** @param {AuthorSideMessage} message */
  handle(message) {
    if (this.#side) this.#side.handle(message);
    else this.#waiting.push(message);
  }

  handleOpen() {
    this.#waiting = [];
    this.#side?.handleOpen();
  }
}
