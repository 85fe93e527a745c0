// Keeps the scroll position over a reload: when the browser restores it, there are no cards yet.

const STATE_NAME = "bokeh_share";

/** @typedef {{ top: number, plot: string | null }} SavedPosition with the id of the first plot in view */

export class ScrollPosition {
  /** @type {SavedPosition | null} */
  #saved = history.state?.[STATE_NAME] ?? null;
  #findPlot;

  /** @param {() => string | null} findPlot returns the id of the first plot in view */
  constructor(findPlot) {
    this.#findPlot = findPlot;
    addEventListener("pagehide", () => this.#save());
  }

  // The plot that the viewer saw before a reload.
  get plot() {
    return this.#saved?.plot ?? null;
  }

  // Returns true if this page was scrolled before a reload, and is again now.
  restore() {
    const top = this.#saved?.top ?? 0;
    this.#saved = null;
    if (top > 0 && scrollY === 0) scrollTo({ top, behavior: "instant" });
    return top > 0;
  }

  #save() {
    const position = { top: scrollY, plot: this.#findPlot() };
    history.replaceState({ ...history.state, [STATE_NAME]: position }, "");
  }
}
