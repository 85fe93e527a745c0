// Shows one plot in a cell of the wall, as large as fits.

import { listFiguresIn } from "./figure_canvas.mjs";
import { choosePlotSize } from "./wall_layout.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { Magnifier } from "./magnifier.mjs"
 * @import { Cell } from "./wall_layout.mjs"
 */

const SECTION_STYLES = ["left", "top", "width", "height"];
const FRAME_STYLES = ["width", "transform", "--wall-fill-height"];

export class WallPlot {
  #card;
  #magnifier;
  #onScale;
  /** @type {Cell | null} */
  #cell = null;
  #scale = 1;
  // For which cell and plot the layout is.
  #layoutKey = "";
  #observer = new ResizeObserver(() => this.#fit());

  /**
   * @param {Card} card
   * @param {Magnifier} magnifier
   * @param {() => void} onScale called when the plot is shown in another scale
   */
  constructor(card, magnifier, onScale) {
    this.#card = card;
    this.#magnifier = magnifier;
    this.#onScale = onScale;
    this.park();
  }

  get card() {
    return this.#card;
  }

  get isParked() {
    return this.#cell === null;
  }

  get scale() {
    return this.#scale;
  }

  // The larger side of the plot before it is magnified.
  get extent() {
    const { offsetWidth, offsetHeight } = this.#card.frame;
    return Math.max(1, offsetWidth, offsetHeight);
  }

  /**
   * @param {Cell} cell
   * @param {number} legible the scale at which text can be read
   * @param {boolean} isInView false if the cell is below the screen, where the plots are drawn that come next
   */
  show(cell, legible, isInView) {
    const { section } = this.#card;
    section.inert = !isInView;
    for (const side of /** @type {const} */ (["left", "top", "width", "height"])) {
      section.style[side] = `${cell[side]}px`;
    }
    this.#cell = cell;
    this.#layOut(cell, legible);
    for (const child of section.children) this.#observer.observe(child);
    this.#fit();
  }

  // Takes the plot off the screen. It keeps its layout, for the next time.
  park() {
    this.#card.section.inert = true;
    this.#card.section.style.top = "";
    this.#cell = null;
    this.#observer.disconnect();
  }

  // Shows the plot as a page does.
  restore() {
    const { section, frame } = this.#card;
    this.park();
    section.inert = false;
    for (const name of SECTION_STYLES) section.style.removeProperty(name);
    for (const name of FRAME_STYLES) frame.style.removeProperty(name);
    this.#layoutKey = "";
    this.#magnifier.forget(frame);
  }

  // Paints as many pixels as the magnifier tells BokehJS that there are, if that changed.
  updateResolution() {
    if (!this.#card.drawing) return;
    for (const figure of listFiguresIn(this.#card.frame)) {
      if (figure.canvas_view.resize()) figure.request_repaint();
    }
  }

  /**
   * @param {Cell} cell
   * @param {number} legible
   */
  #layOut(cell, legible) {
    const { frame, box } = this.#card;
    const area = this.#measureArea(cell);
    const key = [area.width, area.height, legible, ...box].join(" ");
    if (key === this.#layoutKey) return;
    this.#layoutKey = key;
    const { width, fillHeight } = choosePlotSize(box, area, legible);
    frame.style.width = width === null ? "max-content" : `${width}px`;
    frame.style.setProperty("--wall-fill-height", `${fillHeight}px`);
  }

  /** @param {Cell} cell */
  #measureArea({ width, height }) {
    // below the title and the caption
    return { width, height: height - this.#card.frame.offsetTop };
  }

  #fit() {
    const { frame } = this.#card;
    const { offsetWidth: width, offsetHeight: height } = frame;
    if (!this.#cell || !width || !height) return;
    if (frame.scrollWidth > frame.clientWidth + 1) {
      frame.style.width = `${frame.scrollWidth}px`; // and comes here again
      return;
    }
    const area = this.#measureArea(this.#cell);
    const scale = Math.min(area.width / width, area.height / height);
    const left = Math.round((area.width - width * scale) / 2);
    const top = Math.round((area.height - height * scale) / 2);
    frame.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    if (scale === this.#scale) return;
    this.#scale = scale;
    this.#magnifier.setScale(frame, scale);
    this.#onScale();
  }
}
