// Keeps the scroll position over a reload: when the browser restores it, there are no cards yet.

const STORAGE_KEY = "scrollPosition";

/**
 * `page` is the path of the page, `hash` the fragment of its address, and `plot` the first plot in view.
 * @typedef {{ page: string, hash: string, top: number, plot: string | null }} SavedPosition
 */

export class ScrollPosition {
  #saved = readSaved();
  #findPlot;
  // A page that is left before it has plots is still to be scrolled when it is opened again.
  #isRestored = false;

  /** @param {() => string | null} findPlot returns the id of the first plot in view */
  constructor(findPlot) {
    this.#findPlot = findPlot;
    addEventListener("pagehide", () => this.#save());
  }

  // The plot that the viewer saw before a reload; null if the address names another place now.
  get plot() {
    return this.#position?.plot ?? null;
  }

  // Returns true if this page is where it was before a reload, which may be the top.
  restore() {
    const position = this.#position;
    this.#saved = null;
    this.#isRestored = true;
    if (position && scrollY === 0) scrollTo({ top: position.top, behavior: "instant" });
    return position !== null;
  }

  // The viewer may follow a link with a fragment before there are plots.
  get #position() {
    return this.#saved?.hash === location.hash ? this.#saved : null;
  }

  #save() {
    try {
      const position = this.#isRestored ? this.#read() : this.#position;
      sessionStorage.setItem(STORAGE_KEY, JSON.stringify(position));
    } catch {
      // the browser stores nothing for this page
    }
  }

  /** @returns {SavedPosition} */
  #read() {
    const { pathname, hash } = location;
    return { page: pathname, hash, top: scrollY, plot: this.#findPlot() };
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
