// Lets a pen use the figures at once, where a finger would scroll the page.

import { findFigure, findHitArea, readTakenTouches } from "./figure_canvas.mjs";

// Browsers scroll by pen as they do by finger, unless the touch events of the pen are handled. Their handler would
// delay scrolling by finger, so it is added only after a pen was seen.
export class PenGestures {
  #hasSeenPen = false;
  #isTaken = false;

  constructor() {
    for (const type of /** @type {const} */ (["pointerover", "pointerdown", "pointerup", "pointercancel"])) {
      document.addEventListener(type, (event) => this.#handle(event), true);
    }
  }

  /** @param {PointerEvent} event */
  #handle(event) {
    if (event.pointerType !== "pen") return;
    this.#listenToTouches();
    const hitArea = event.type === "pointerdown" ? findHitArea(event) : null;
    const figure = hitArea && findFigure(hitArea);
    this.#isTaken = figure ? readTakenTouches(figure, event).one : false;
  }

  #listenToTouches() {
    if (this.#hasSeenPen) return;
    this.#hasSeenPen = true;
    document.addEventListener("touchmove", (event) => {
      if (this.#isTaken && event.cancelable) event.preventDefault();
    }, { capture: true, passive: false });
  }
}
