// Draws a figure of BokehJS into a picture, at any resolution.

import { drawElement } from "./element_picture.mjs";

/** @import { PictureOptions } from "./element_picture.mjs" */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {BokehJS.View} figure
 * @param {PictureOptions} options
 */
export async function drawFigure(context, figure, options) {
  // BokehJS cannot paint a legend whose parts are SVG
  const isPainted = figure.canvas_view.model.output_backend !== "svg";
  if (isPainted) paintFigure(context, figure, options);
  // the rest: labels as HTML, and the sources of a map
  await drawElement(context, figure.el, { ...options, isInFigure: true, isPainted });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {BokehJS.View} figure
 * @param {PictureOptions} options
 */
function paintFigure(context, figure, { area, ratio }) {
  const canvas = usingRatio(ratio, figure, () => figure.export("png", figure.canvas_view.model.hidpi).canvas);
  const { left, top, width, height } = figure.canvas_view.el.getBoundingClientRect();
  const scale = (/** @type {number} */ length) => Math.round(length * ratio);
  if (canvas.width > 0 && canvas.height > 0) {
    context.drawImage(canvas, scale(left - area.left), scale(top - area.top), scale(width), scale(height));
  }
}

/**
 * BokehJS paints at the resolution of the screen. Here the figure is painted at another one, and then again at that
 * of the screen, before the browser shows anything.
 * @param {number} ratio
 * @param {BokehJS.View} figure
 * @param {() => HTMLCanvasElement} draw
 */
function usingRatio(ratio, figure, draw) {
  if (ratio === devicePixelRatio) return draw();
  const screen = Object.getOwnPropertyDescriptor(window, "devicePixelRatio");
  Object.defineProperty(window, "devicePixelRatio", { value: ratio, configurable: true });
  try {
    repaint(figure);
    return draw();
  } finally {
    if (screen) Object.defineProperty(window, "devicePixelRatio", screen);
    repaint(figure);
  }
}

/** @param {BokehJS.View} figure */
function repaint(figure) {
  figure.canvas_view.update_bbox();
  figure.request_repaint();
  figure.paint();
}
