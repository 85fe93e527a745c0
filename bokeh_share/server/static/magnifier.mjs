// Shows plots larger than they are laid out, sharp, and such that BokehJS finds what the pointer is on.

// CSS magnifies an element without telling its scripts: positions that they read are those on the screen, but what
// they draw is inside of the element. So while plots are magnified, scripts read positions in and below a magnified
// element as if it was not, and BokehJS paints as many pixels as the screen shows. The plots' models and layouts
// stay as they are. BokehJS puts tooltips into the page's body; those of the plot below the pointer are magnified too.

/** @typedef {"clientX" | "clientY" | "pageX" | "pageY" | "x" | "y"} Coordinate */

/** @type {Coordinate[]} */
const COORDINATES = ["clientX", "clientY", "x", "y"];
// Browsers paint nothing on a canvas that is much larger.
const MAX_CANVAS_SIDE = 8192;
// Browsers lay out in fractions of a pixel as small as this.
const LAYOUT_UNITS = 64;

export class Magnifier {
  /** @type {Map<Element, number>} */
  #scales = new Map();
  // By so much more pixels BokehJS paints than the screen shows by itself.
  #pixelRatio = 1;
  // That of the plot below the pointer.
  #pointedScale = 1;
  #listening = new AbortController();
  /** @type {(() => void)[]} */
  #undo = [];

  start() {
    this.#scaleRectangles();
    for (const name of COORDINATES) this.#scaleCoordinate(name, () => 0);
    // positions on the page contain how far it is scrolled
    this.#scaleCoordinate("pageX", () => scrollX);
    this.#scaleCoordinate("pageY", () => scrollY);
    const { get } = Object.getOwnPropertyDescriptor(window, "devicePixelRatio") ?? {};
    this.#replace(window, "devicePixelRatio", { get: () => this.#pixelRatio * (get?.call(window) ?? 1) });
    for (const name of /** @type {const} */ (["innerWidth", "innerHeight"])) this.#scaleWindow(name);
    const { signal } = this.#listening;
    document.addEventListener("pointermove", ({ target }) => this.#point(target), { capture: true, signal });
  }

  stop() {
    this.#listening.abort();
    this.#point(null);
    for (const undo of this.#undo.splice(0).reverse()) undo();
    this.#scales.clear();
  }

  /**
   * @param {Element} element that CSS shows in this scale
   * @param {number} scale
   */
  setScale(element, scale) {
    this.#scales.set(element, scale);
  }

  /** @param {Element} element that is shown as it is again, or was removed */
  forget(element) {
    this.#scales.delete(element);
  }

  /**
   * Lets BokehJS paint as many pixels as the screen shows of these plots.
   * @param {{ scale: number, extent: number }[]} plots
   */
  adaptPixelRatio(plots) {
    this.#pixelRatio = 1;
    const limits = plots.map(({ extent }) => MAX_CANVAS_SIDE / extent / devicePixelRatio);
    const scale = Math.max(1, ...plots.map((plot) => plot.scale));
    this.#pixelRatio = Math.max(1, Math.min(scale, ...limits));
  }

  /** @param {EventTarget | null} target */
  #findScale(target) {
    if (this.#scales.size === 0) return 1;
    for (let node = /** @type {Node | null} */ (target); node; node = node.parentNode ?? findHost(node)) {
      const scale = this.#scales.get(/** @type {Element} */ (node));
      if (scale) return scale;
      if (node.parentNode === document.body && isTooltip(node)) return this.#pointedScale;
    }
    return 1;
  }

  /** @param {EventTarget | null} target below the pointer */
  #point(target) {
    const scale = this.#findScale(target);
    if (scale === this.#pointedScale) return;
    this.#pointedScale = scale;
    document.documentElement.style.setProperty("--tooltip-zoom", `${scale}`);
  }

  // Tooltips have to fit into the window.
  /** @param {"innerWidth" | "innerHeight"} name */
  #scaleWindow(name) {
    const { get } = Object.getOwnPropertyDescriptor(window, name) ?? {};
    this.#replace(window, name, { get: () => get?.call(window) / this.#pointedScale });
  }

  #scaleRectangles() {
    const { getBoundingClientRect } = Element.prototype;
    const findScale = (/** @type {Element} */ element) => this.#findScale(element);
    this.#replace(Element.prototype, "getBoundingClientRect", {
      /** @this {Element} */
      value() {
        const rect = getBoundingClientRect.call(this);
        const scale = findScale(this);
        return scale === 1 ? rect : divideRect(rect, scale);
      },
      writable: true,
    });
  }

  /**
   * @param {Coordinate} name
   * @param {() => number} getOffset
   */
  #scaleCoordinate(name, getOffset) {
    const { get } = Object.getOwnPropertyDescriptor(MouseEvent.prototype, name) ?? {};
    const findScale = (/** @type {EventTarget | null} */ target) => this.#findScale(target);
    this.#replace(MouseEvent.prototype, name, {
      /** @this {MouseEvent} */
      get() {
        const value = get?.call(this);
        // an event that a script has made has the coordinates that scripts read
        const scale = this.isTrusted ? findScale(this.composedPath()[0] ?? this.target) : 1;
        const offset = getOffset();
        return scale === 1 ? value : (value - offset) / scale + offset;
      },
    });
  }

  /**
   * @param {object} target
   * @param {string} name
   * @param {PropertyDescriptor} descriptor
   */
  #replace(target, name, descriptor) {
    const former = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { configurable: true, enumerable: true, ...descriptor });
    this.#undo.push(() => {
      if (former) Object.defineProperty(target, name, former);
      else Reflect.deleteProperty(target, name);
    });
  }
}

/** @param {Node} node */
const isTooltip = (node) => node instanceof Element && node.matches(".bk-Tooltip");

/** @param {Node} node */
const findHost = (node) => node instanceof ShadowRoot ? node.host : null;

/**
 * Rounds to the unit of layouts, since BokehJS cuts fractions off.
 * @param {DOMRect} rect
 * @param {number} scale
 */
export function divideRect({ x, y, width, height }, scale) {
  const divide = (/** @type {number} */ value) => Math.round(value / scale * LAYOUT_UNITS) / LAYOUT_UNITS;
  return new DOMRect(divide(x), divide(y), divide(width), divide(height));
}
