// Lets a plot fill the full screen: the style sheet draws a figure larger, and this magnifies a layout.

import { FittedPlot } from "./fitted_plot.mjs";
import { Magnifier } from "./magnifier.mjs";
import { computeScale } from "./plot_size.mjs";

/** @import { ToolTarget } from "./tool_menu.mjs" */

// At the size that the author chose, text can be read.
const LEGIBLE_SCALE = 1;
const RESIZABLE = ".drawing:not(.offscreen) > .resizable";

export class EnlargedPlot {
  #plot;
  /** @type {{ magnifier: Magnifier, fitted: FittedPlot } | null} */
  #magnified = null;
  // The plot may change its size, or be drawn anew.
  #sizes = new ResizeObserver(() => this.#update());
  #drawings = new MutationObserver(() => this.#update());

  /** @param {ToolTarget} plot whose card fills the screen */
  constructor(plot) {
    this.#plot = plot;
    for (const each of [plot.section, ...plot.section.children]) this.#sizes.observe(each);
    this.#drawings.observe(plot.frame, { childList: true, subtree: true, attributeFilter: ["class"] });
    this.#update();
  }

  // Shows the plot as a page does.
  remove() {
    this.#sizes.disconnect();
    this.#drawings.disconnect();
    this.#restore();
  }

  #update() {
    const { section, frame, box } = this.#plot;
    // below the title and the caption
    const area = { width: section.clientWidth, height: section.clientHeight - frame.offsetTop };
    const [, , , fillsHeight] = box;
    const canGrow = !fillsHeight && !frame.querySelector(RESIZABLE) && computeScale(box, area, LEGIBLE_SCALE) > 1;
    if (!canGrow) {
      this.#restore(); // a plot that is larger than the screen is scrolled
      return;
    }
    this.#magnified ??= this.#magnify();
    this.#magnified.fitted.fit(area, LEGIBLE_SCALE);
  }

  #magnify() {
    const magnifier = new Magnifier();
    magnifier.start();
    const fitted = new FittedPlot(this.#plot, magnifier, () => {
      magnifier.adaptPixelRatio([fitted]);
      fitted.updateResolution();
    });
    return { magnifier, fitted };
  }

  #restore() {
    if (!this.#magnified) return;
    const { magnifier, fitted } = this.#magnified;
    this.#magnified = null;
    fitted.restore();
    magnifier.stop();
    fitted.updateResolution();
  }
}
