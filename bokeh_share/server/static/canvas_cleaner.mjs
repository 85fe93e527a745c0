// Clears the edges of a drawing's canvases after repaints, where BokehJS leaves a shade.

const CLEANUP_DELAY = 250;

// BokehJS does not clear the first half pixel at the left and top of a canvas, where repeated paints add up to
// a shade. After a while without repaints, these edges are cleared and the figure is painted once more.
export class CanvasCleaner {
  #wrapper;
  #listFigures;
  /** @type {WeakSet<BokehJS.View>} */
  #cleanedViews = new WeakSet();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {HTMLElement} wrapper has the class `repainting` until the edges are clean
   * @param {() => BokehJS.View[]} listFigures
   */
  constructor(wrapper, listFigures) {
    this.#wrapper = wrapper;
    this.#listFigures = listFigures;
  }

  watch() {
    for (const view of this.#listFigures()) {
      view.repainted.connect(() => {
        if (!this.#cleanedViews.delete(view)) this.schedule();
      });
    }
  }

  schedule() {
    this.cancel();
    this.#wrapper.classList.add("repainting");
    this.#timer = setTimeout(() => this.#clean(), CLEANUP_DELAY);
  }

  cancel() {
    clearTimeout(this.#timer);
  }

  #clean() {
    this.#wrapper.classList.remove("repainting");
    for (const view of this.#listFigures()) {
      for (const layer of listLayers(view)) clearEdges(layer);
      this.#cleanedViews.add(view);
      view.request_repaint();
    }
  }
}

/**
 * @param {BokehJS.View} view
 * @returns {BokehJS.CanvasLayer[]}
 */
function listLayers(view) {
  const legends = [...view.children()].flatMap(({ entries = [] }) => {
    return entries.map((/** @type {{ glyph: BokehJS.CanvasLayer }} */ { glyph }) => glyph);
  });
  return [view.canvas_view.primary, view.canvas_view.overlays, ...legends];
}

/** @param {BokehJS.CanvasLayer} layer */
function clearEdges({ ctx, pixel_ratio }) {
  if (!ctx.canvas) return; // SVG is rebuilt at each paint
  const edge = Math.ceil(pixel_ratio / 2);
  ctx.save();
  ctx.resetTransform();
  ctx.clearRect(0, 0, edge, ctx.canvas.height);
  ctx.clearRect(0, 0, ctx.canvas.width, edge);
  ctx.restore();
}
