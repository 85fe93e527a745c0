// Shows a picture, a table or a text on the page, as the drawing of its card.

import { createElement } from "./dom.mjs";
import { createImage } from "./image_view.mjs";
import { createTable } from "./table_view.mjs";
import { createText } from "./text_view.mjs";

/**
 * @import { Drawing } from "./drawing.mjs"
 * @import { Media, PlotMessage } from "./messages.mjs"
 *
 * @typedef {{ element: HTMLElement, release: () => void }} MediaView an element, and what frees its memory
 */

// The server sends the bytes as an array of this name.
const MEDIA_BUFFER = "media";
// Milliseconds; as in the style sheet.
const FADE_DURATION = 250;

// Pictures, tables and texts are always drawn anew; a picture fades in over the former one.
export class MediaDrawing {
  // BokehJS has no document for it.
  bokeh = null;
  #media;
  #bytes;
  #view;
  #content;
  #wrapper;

  /**
   * @param {Media} media
   * @param {ArrayBuffer} bytes
   * @param {MediaView} view
   */
  constructor(media, bytes, view) {
    this.#media = media;
    this.#bytes = bytes;
    this.#view = view;
    this.#content = createElement("div", `plot-content media ${media.kind}`, view.element);
    this.#wrapper = createElement("div", "drawing offscreen", this.#content);
  }

  /**
   * Makes the drawing. When the promise resolves, the browser has decoded the picture, and it is still hidden.
   * @param {HTMLElement} frame
   * @param {PlotMessage} message
   * @param {() => void} onBuilt called when only the browser's painting is left
   */
  static async create(frame, { media, buffers, parts }, onBuilt = () => {}) {
    const bytes = buffers.get(MEDIA_BUFFER);
    if (!media || !bytes) throw new Error("it has no content");
    const drawing = new MediaDrawing(media, bytes, await createView(media, bytes, parts.length > 0));
    frame.append(drawing.wrapper);
    onBuilt();
    return drawing;
  }

  get kind() {
    return this.#media.kind;
  }

  get media() {
    return this.#media;
  }

  get bytes() {
    return this.#bytes;
  }

  get wrapper() {
    return this.#wrapper;
  }

  get roots() {
    return this.#wrapper.children;
  }

  // The element that the card shows, with its background.
  get content() {
    return this.#content;
  }

  // The picture, if it is one.
  get image() {
    const { element } = this.#view;
    return element instanceof HTMLImageElement ? element : null;
  }

  handleViewportResize() {}

  /**
   * Shows this drawing in the place of the former one, if there was one.
   * @param {Drawing | MediaDrawing | null} former
   */
  show(former) {
    this.#wrapper.classList.remove("offscreen");
    if (former instanceof MediaDrawing && former.kind === "image" && this.kind === "image") former.fadeOut();
    else former?.destroy();
  }

  // Lies over the next picture for a moment, which has its place in the page already.
  fadeOut() {
    this.#wrapper.classList.add("fading");
    this.#wrapper.setAttribute("aria-hidden", "true");
    setTimeout(() => this.destroy(), FADE_DURATION);
  }

  destroy() {
    this.#view.release();
    this.#wrapper.remove();
  }
}

/**
 * @param {Media} media
 * @param {ArrayBuffer} bytes
 * @param {boolean} hasFormulas
 * @returns {Promise<MediaView>}
 */
async function createView(media, bytes, hasFormulas) {
  if (media.kind === "image") return createImage(media, bytes);
  const content = JSON.parse(new TextDecoder().decode(bytes));
  return media.kind === "table" ? createTable(content) : createText(content, hasFormulas);
}
