// Shows a plot as large as it fits into an area: laid out for the area, then magnified.

import { listFiguresIn } from "./figure_canvas.mjs";
import { choosePlotSize } from "./plot_size.mjs";

/**
 * @import { Magnifier } from "./magnifier.mjs"
 * @import { PlotBox } from "./messages.mjs"
 * @import { Size } from "./plot_size.mjs"
 */

const CLASS = "magnified";
const STYLES = ["width", "transform", "--fit-height"];

export class FittedPlot {
  #plot;
  #magnifier;
  #onScale;
  #scale = 1;
  // For which area and plot the layout is.
  #layoutKey = "";

  /**
   * @param {{ frame: HTMLElement, box: PlotBox, drawing: object | null }} plot
   * @param {Magnifier} magnifier
   * @param {() => void} onScale called when the plot is shown in another scale
   */
  constructor(plot, magnifier, onScale) {
    this.#plot = plot;
    this.#magnifier = magnifier;
    this.#onScale = onScale;
    plot.frame.classList.add(CLASS);
  }

  get scale() {
    return this.#scale;
  }

  // The larger side of the plot before it is magnified.
  get extent() {
    const { offsetWidth, offsetHeight } = this.#plot.frame;
    return Math.max(1, offsetWidth, offsetHeight);
  }

  /**
   * @param {Size} area in which the plot is in the middle
   * @param {number} legible the scale at which text can be read
   */
  fit(area, legible) {
    this.#layOut(area, legible);
    const { frame } = this.#plot;
    const { offsetWidth: width, offsetHeight: height } = frame;
    if (!width || !height) return;
    if (frame.scrollWidth > frame.clientWidth + 1) {
      frame.style.width = `${frame.scrollWidth}px`; // and is fitted again, since its size changed
      return;
    }
    const scale = Math.min(area.width / width, area.height / height);
    const left = Math.round((area.width - width * scale) / 2);
    const top = Math.round((area.height - height * scale) / 2);
    frame.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    if (scale === this.#scale) return;
    this.#scale = scale;
    this.#magnifier.setScale(frame, scale);
    this.#onScale();
  }

  // Shows the plot as a page does.
  restore() {
    const { frame } = this.#plot;
    frame.classList.remove(CLASS);
    for (const name of STYLES) frame.style.removeProperty(name);
    this.#layoutKey = "";
    this.#magnifier.forget(frame);
  }

  // Paints as many pixels as the magnifier tells BokehJS that there are, if that changed.
  updateResolution() {
    if (!this.#plot.drawing) return;
    for (const figure of listFiguresIn(this.#plot.frame)) {
      if (figure.canvas_view.resize()) figure.request_repaint();
    }
  }

  /**
   * @param {Size} area
   * @param {number} legible
   */
  #layOut(area, legible) {
    const { frame, box } = this.#plot;
    const key = [area.width, area.height, legible, ...box].join(" ");
    if (key === this.#layoutKey) return;
    this.#layoutKey = key;
    const { width, fillHeight } = choosePlotSize(box, area, legible);
    frame.style.width = width === null ? "max-content" : `${width}px`;
    frame.style.setProperty("--fit-height", `${fillHeight}px`);
  }
}
