// Draws a plot, with its widgets and texts, as one picture.

import { createElement } from "./dom.mjs";
import { drawElement } from "./element_picture.mjs";
import { drawFigure } from "./figure_picture.mjs";
import { listFiguresIn } from "./figure_canvas.mjs";

/**
 * @import { MediaDrawing } from "./media_drawing.mjs"
 * @import { ToolTarget } from "./tool_menu.mjs"
 */

// Browsers have no larger canvas.
const MAX_SIDE = 16_384;
const MAX_AREA = 64 * 1024 * 1024;

const TOO_MANY_PIXELS = "the plot is too large for a picture of this browser";
const FOREIGN_CONTENT = "the plot has images of another site, such as a map, which the browser does not save";

/**
 * Returns the picture as a PNG.
 * @param {ToolTarget} card whose plot is drawn
 * @param {number} ratio pixels of the picture for each pixel of the page; as many as fit if they are too many
 * @returns {Promise<Blob>}
 */
export async function createPicture({ drawing, frame }, ratio) {
  // no `instanceof`: tools and page are scripts of their own, each with its classes
  const media = drawing && "media" in drawing ? drawing : null;
  if (media?.image) return createImagePicture(media, media.image, ratio);
  const content = media?.content;
  const roots = content ? [content] : drawing?.bokeh ? listRootElements(drawing.bokeh) : [];
  const container = content ?? roots[0]?.parentElement;
  const background = content ?? container?.parentElement;
  if (!container || !background) throw new Error("the plot is not drawn yet");
  const area = measureArea(roots);
  const figures = listFiguresIn(frame).filter(({ el }) => el.checkVisibility());
  const options = { area, ratio: fitRatio(ratio, area), figures };
  const canvas = createElement("canvas", "");
  canvas.width = Math.round(area.width * options.ratio);
  canvas.height = Math.round(area.height * options.ratio);
  const context = canvas.getContext("2d");
  if (!context) throw new Error(TOO_MANY_PIXELS);
  context.fillStyle = getComputedStyle(background).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  await drawElement(context, container, options);
  for (const figure of figures) await drawFigure(context, figure, options);
  return encode(canvas);
}

/**
 * A PNG picture is saved as it came, unless it is to be larger.
 * @param {MediaDrawing} drawing
 * @param {HTMLImageElement} image
 * @param {number} ratio
 * @returns {Promise<Blob>}
 */
async function createImagePicture({ media, bytes }, image, ratio) {
  const { type, width, height } = media;
  const area = { width: width ?? image.naturalWidth, height };
  const ownRatio = image.naturalWidth / area.width;
  if (type === "image/png" && ratio <= Math.max(ownRatio, devicePixelRatio)) return new Blob([bytes], { type });
  const canvas = createElement("canvas", "");
  const fitting = fitRatio(Math.max(ratio, type === "image/svg+xml" ? 1 : ownRatio), area);
  [canvas.width, canvas.height] = [Math.round(area.width * fitting), Math.round(area.height * fitting)];
  const context = canvas.getContext("2d");
  if (!context) throw new Error(TOO_MANY_PIXELS);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return encode(canvas);
}

/**
 * @param {number} ratio
 * @param {{ width: number, height: number }} area
 */
export const fitRatio = (ratio, { width, height }) => {
  return Math.min(ratio, MAX_SIDE / width, MAX_SIDE / height, Math.sqrt(MAX_AREA / width / height));
};

/**
 * BokehJS puts elements for its own notifications beside them.
 * @param {BokehJS.Document} bokeh
 * @returns {HTMLElement[]}
 */
function listRootElements(bokeh) {
  const elements = bokeh.roots().flatMap(({ id }) => bokeh.views_manager.find_one_by_id(id)?.el ?? []);
  return elements.filter((element) => element.getBoundingClientRect().width > 0);
}

/**
 * Returns the area of all roots, which is as large as whole pixels of the page.
 * @param {Element[]} roots
 */
function measureArea(roots) {
  const rects = roots.map((root) => root.getBoundingClientRect());
  const [left, top] = [Math.min(...rects.map((rect) => rect.left)), Math.min(...rects.map((rect) => rect.top))];
  const [right, bottom] = [Math.max(...rects.map((rect) => rect.right)), Math.max(...rects.map((rect) => rect.bottom))];
  return new DOMRect(left, top, Math.max(1, Math.round(right - left)), Math.max(1, Math.round(bottom - top)));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob>}
 */
function encode(canvas) {
  return new Promise((resolve, reject) => {
    try {
      canvas.toBlob((blob) => blob ? resolve(blob) : reject(new Error(TOO_MANY_PIXELS)), "image/png");
    } catch {
      reject(new Error(FOREIGN_CONTENT));
    }
  });
}
