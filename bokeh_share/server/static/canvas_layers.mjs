// Lets BokehJS clear all of a canvas before each paint.

// BokehJS 3.9 moves its origin by half a pixel before it clears a canvas. So the first half pixel at the left and
// top stays, and repeated paints add up to a shade there. BokehJS 3.10 clears first.
export function patchCanvasLayers() {
  if (!Bokeh.version.startsWith("3.9.")) return;
  const proto = Bokeh.require("core/util/canvas").CanvasLayer.prototype;
  const { prepare } = proto;
  /** @this {BokehJS.CanvasLayer} */
  proto.prepare = function () {
    const ctx = prepare.call(this);
    clearEdges(this);
    return ctx;
  };
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
