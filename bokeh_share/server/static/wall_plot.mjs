// Shows one plot in a cell of the wall, as large as fits.

import { FittedPlot } from "./fitted_plot.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { Magnifier } from "./magnifier.mjs"
 * @import { Cell } from "./wall_layout.mjs"
 */

const SIDES = /** @type {const} */ (["left", "top", "width", "height"]);

export class WallPlot {
  #card;
  #fitted;
  /** @type {Cell | null} */
  #cell = null;
  #legible = 1;
  #observer = new ResizeObserver(() => this.#fit());

  /**
   * @param {Card} card
   * @param {Magnifier} magnifier
   * @param {() => void} onScale called when the plot is shown in another scale
   */
  constructor(card, magnifier, onScale) {
    this.#card = card;
    this.#fitted = new FittedPlot(card, magnifier, onScale);
    this.park();
  }

  get card() {
    return this.#card;
  }

  get isParked() {
    return this.#cell === null;
  }

  get fitted() {
    return this.#fitted;
  }

  /**
   * @param {Cell} cell
   * @param {number} legible the scale at which text can be read
   * @param {boolean} isInView false if the cell is below the screen, where the plots are drawn that come next
   */
  show(cell, legible, isInView) {
    const { section } = this.#card;
    section.inert = !isInView;
    for (const side of SIDES) section.style[side] = `${cell[side]}px`;
    this.#cell = cell;
    this.#legible = legible;
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
    const { section } = this.#card;
    this.park();
    section.inert = false;
    for (const side of SIDES) section.style.removeProperty(side);
    this.#fitted.restore();
  }

  #fit() {
    if (!this.#cell) return;
    const { width, height } = this.#cell;
    // below the title and the caption
    this.#fitted.fit({ width, height: height - this.#card.frame.offsetTop }, this.#legible);
  }
}
