// Shows viewers what the author presents, and the author's pins. Loaded with the first of them.

import { FollowBar } from "./follow_bar.mjs";
import { Follower } from "./follower.mjs";
import { PresentedView } from "./presented_view.mjs";
import { SpotLayer } from "./spot_layer.mjs";

/**
 * @import { FollowedCard } from "./follower.mjs"
 * @import { PinsMessage, PresentMessage } from "./messages.mjs"
 */

const UPDATE_INTERVAL = 100;
// Within this time after a connection was opened, the server says if the presentation goes on.
const CONFIRMATION_DELAY = 5000;
const TOUCHES = ["wheel", "pointerdown", "touchstart", "keydown"];
// These keys move the focus, or are held for another one.
const IGNORED_KEYS = ["Tab", "Shift", "Control", "Alt", "Meta", "CapsLock"];

export class Presented {
  #view = new PresentedView();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #endTimer;
  #spots;
  #follower;
  #bar = new FollowBar(() => this.#press());

  /** @param {() => FollowedCard[]} listCards in the page's order */
  constructor(listCards) {
    this.#spots = new SpotLayer(listCards);
    this.#follower = new Follower(this.#view, listCards, () => this.#showState());
    this.#place();
    document.addEventListener("fullscreenchange", () => this.#place());
    for (const type of TOUCHES) {
      document.addEventListener(type, (event) => this.#handleTouch(event), { capture: true, passive: true });
    }
    setInterval(() => this.#follower.update(), UPDATE_INTERVAL);
  }

  /** @param {PresentMessage | PinsMessage} message */
  handle(message) {
    if (message.kind === "pins") {
      this.#spots.setPins(message.pins);
      return;
    }
    clearTimeout(this.#endTimer);
    this.#view.apply(message);
    this.#handleView();
  }

  /** @param {boolean} isAway true while the author's kernel is away: nobody presents, and pins stay */
  setAway(isAway) {
    if (isAway === this.#view.isSuspended) return;
    this.#view.isSuspended = isAway;
    this.#handleView();
  }

  // The server sends a new connection pins and presentation. A kernel that was started anew knows of no presentation.
  handleOpen() {
    this.#spots.setPins([]);
    // else it would go on for a moment, until the relay says again that the kernel is away
    if (this.#view.isSuspended) this.#view.clear();
    clearTimeout(this.#endTimer);
    this.#endTimer = setTimeout(() => {
      this.#view.clear();
      this.#handleView();
    }, CONFIRMATION_DELAY);
  }

  #handleView() {
    this.#follower.handleView();
    this.#showState();
  }

  // A card in full screen hides all that is not inside of it.
  #place() {
    (document.fullscreenElement ?? document.body).append(this.#spots.element, this.#bar.element);
  }

  #showState() {
    this.#bar.show(this.#view.isPresenting ? this.#follower.state : "none");
    this.#spots.setPointer(this.#follower.state === "following" ? this.#view.pointer : null);
  }

  #press() {
    if (this.#follower.state === "following") this.#follower.leave();
    else this.#follower.follow();
  }

  /** @param {Event} event */
  #handleTouch(event) {
    const isOnBar = event.target instanceof Node && this.#bar.element.contains(event.target);
    const isIgnored = event instanceof KeyboardEvent && IGNORED_KEYS.includes(event.key);
    if (!isOnBar && !isIgnored) this.#follower.leave();
  }
}
