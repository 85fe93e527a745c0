// Keeps the scroll position over a reload: when the browser restores it, there are no cards yet.

const STORAGE_KEY = "scrollPosition";

/** @typedef {{ page: string, top: number, plot: string | null }} SavedPosition with the first plot in view */

export class ScrollPosition {
  #saved = readSaved();
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
    // a page that is left before it had any plots is still to be scrolled when it is opened again
    /** @type {SavedPosition} */
    const position = this.#saved ?? { page: location.pathname, top: scrollY, plot: this.#findPlot() };
    try {
      sessionStorage.setItem(STORAGE_KEY, JSON.stringify(position));
    } catch {
      // the browser stores nothing for this page
    }
  }
}

/**
 * Returns the position of this page before it was reloaded; null if it was opened.
 * @returns {SavedPosition | null}
 */
function readSaved() {
  const [navigation] = performance.getEntriesByType("navigation");
  const { type } = /** @type {PerformanceNavigationTiming} */ (navigation);
  if (type !== "reload" && type !== "back_forward") return null;
  try {
    const saved = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "null");
    return saved?.page === location.pathname ? saved : null;
  } catch {
    return null;
  }
}
