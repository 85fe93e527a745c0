// Draws elements of the page into a picture: the browser renders a copy of them as an SVG image.

import { copyStyle, DefaultStyles } from "./element_style.mjs";

/**
 * @typedef {object} PictureOptions
 * @property {DOMRect} area of the page that the picture shows
 * @property {number} ratio
 * @property {BokehJS.View[]} figures are drawn by other means: here they leave a free space
 * @property {boolean} [isInFigure] if the element is a figure
 * @property {boolean} [isPainted] if BokehJS has painted the figure already, and only the rest of it is drawn
 */

const SVG = "http://www.w3.org/2000/svg";
// A picture of more elements would stop the page for seconds.
const MAX_ELEMENTS = 8000;
// They are for using the plot, and not part of it. Hidden in the copy, they keep their place.
const CONTROLS = ".bk-Toolbar, .bk-ToolbarPanel, .bk-Tooltip, .bk-Notifications, .bk-Dialog, .bk-Menu";
// BokehJS also paints the legends of a figure.
const PAINTED = ".bk-layer > canvas, canvas.bk-layer, .bk-Legend";
const COPIED_ATTRIBUTES = [
  "type", "colspan", "rowspan", "placeholder", "disabled", "multiple", "size", "start", "min", "max", "step", "dir",
];
const SKIPPED_TAGS = ["style", "script", "link", "template", "iframe", "object", "embed", "video", "audio"];

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLElement} element
 * @param {PictureOptions} options
 */
export async function drawElement(context, element, options) {
  const { area, ratio, isInFigure = false } = options;
  const copy = new ElementCopier(options).copy(element);
  if (!copy || (isInFigure && !hasContent(copy))) return;
  const { left, top } = element.getBoundingClientRect();
  const place = document.createElement("div");
  place.style.cssText = `position: absolute; left: ${left - area.left}px; top: ${top - area.top}px;`;
  copy.style.margin = "0";
  if (isInFigure) copy.style.background = "none";
  place.append(copy);
  const image = await renderImage(place, area, ratio);
  if (image) context.drawImage(image, 0, 0);
}

/** @param {HTMLElement} copy */
const hasContent = (copy) => copy.textContent?.trim() !== "" || copy.querySelector("svg, img") !== null;

/**
 * Returns null if the browser cannot draw HTML into a picture that the page may read.
 * @param {HTMLElement} element
 * @param {DOMRect} area
 * @param {number} ratio
 */
async function renderImage(element, { width, height }, ratio) {
  const svg = document.createElementNS(SVG, "svg");
  const [pixelWidth, pixelHeight] = [width, height].map((each) => `${Math.round(each * ratio)}`);
  const content = document.createElementNS(SVG, "foreignObject");
  for (const [node, attributes] of /** @type {[Element, Record<string, string>][]} */ ([
    [svg, { width: pixelWidth ?? "", height: pixelHeight ?? "", viewBox: `0 0 ${width} ${height}` }],
    [content, { width: `${width}`, height: `${height}` }],
  ])) for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  content.append(element);
  svg.append(content);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  await image.decode();
  return isReadable(image) ? image : null;
}

/**
 * Returns false in browsers where a picture with such an image cannot be saved.
 * @param {HTMLImageElement} image
 */
function isReadable(image) {
  const probe = document.createElement("canvas").getContext("2d");
  try {
    probe?.drawImage(image, 0, 0, 1, 1);
    return probe?.getImageData(0, 0, 1, 1) !== undefined;
  } catch {
    return false;
  }
}

// Copies elements with the styles that they have now, and without shadow trees.
class ElementCopier {
  #defaults = new DefaultStyles();
  #figures;
  #isInFigure;
  #isPainted;
  #count = 0;

  /** @param {PictureOptions} options */
  constructor({ figures, isInFigure = false, isPainted = false }) {
    this.#figures = new Set(figures.map(({ el }) => el));
    this.#isInFigure = isInFigure;
    this.#isPainted = isPainted;
  }

  /**
   * @param {HTMLElement} element
   * @returns {HTMLElement | null}
   */
  copy(element) {
    try {
      return /** @type {HTMLElement | null} */ (this.#copyNode(element));
    } finally {
      this.#defaults.remove();
    }
  }

  /**
   * @param {Node} node
   * @returns {Node | null}
   */
  #copyNode(node) {
    if (node instanceof Text) return document.createTextNode(node.data);
    if (node instanceof SVGElement) return node.cloneNode(true);
    if (!(node instanceof HTMLElement) || SKIPPED_TAGS.includes(node.localName)) return null;
    const computed = getComputedStyle(node);
    if (computed.display === "none" || (this.#isPainted && node.matches(PAINTED))) return null;
    this.#count += 1;
    if (this.#count > MAX_ELEMENTS) throw new Error("the plot has too many parts for a picture");
    const copy = createCopy(node);
    copyStyle(computed, copy, this.#defaults);
    if (node.matches(CONTROLS)) copy.style.visibility = "hidden";
    else if (this.#isInFigure || !this.#figures.has(node)) this.#copyChildren(node, copy);
    return copy;
  }

  /**
   * @param {HTMLElement} node
   * @param {HTMLElement} copy
   */
  #copyChildren(node, copy) {
    if (node instanceof HTMLTextAreaElement) {
      copy.textContent = node.value;
      return;
    }
    const children = node instanceof HTMLSlotElement && node.assignedNodes().length ? node.assignedNodes()
      : (node.shadowRoot ?? node).childNodes;
    const copies = [...children].map((child) => this.#copyNode(child)).filter((child) => child !== null);
    const all = [this.#copyPseudo(node, "::before"), ...copies, this.#copyPseudo(node, "::after")];
    copy.append(...all.filter((each) => each !== null));
    const { scrollLeft, scrollTop } = node;
    if (!scrollLeft && !scrollTop) return;
    for (const child of copy.children) {
      if (child instanceof HTMLElement) child.style.translate = `${-scrollLeft}px ${-scrollTop}px`;
    }
  }

  /**
   * @param {HTMLElement} node
   * @param {"::before" | "::after"} which
   */
  #copyPseudo(node, which) {
    const computed = getComputedStyle(node, which);
    const { content } = computed;
    if (content === "none" || content === "normal" || computed.display === "none") return null;
    const copy = document.createElement("span");
    copy.textContent = /^".*"$/.test(content) ? JSON.parse(content.replaceAll("\\a ", "\\n")) : "";
    copyStyle(computed, copy, this.#defaults);
    return copy;
  }
}

/**
 * Copies an element without its children and styles. A canvas or an image becomes an image with its pixels.
 * @param {HTMLElement} node
 */
function createCopy(node) {
  if (node instanceof HTMLCanvasElement || node instanceof HTMLImageElement) return copyPixels(node);
  const copy = document.createElement(node.localName.includes("-") ? "div" : node.localName);
  for (const name of COPIED_ATTRIBUTES) {
    const value = node.getAttribute(name);
    if (value !== null) copy.setAttribute(name, value);
  }
  if (node instanceof HTMLInputElement) {
    copy.setAttribute("value", node.value);
    if (node.checked) copy.setAttribute("checked", "");
  }
  if (node instanceof HTMLOptionElement && node.selected) copy.setAttribute("selected", "");
  return copy;
}

/** @param {HTMLCanvasElement | HTMLImageElement} node */
function copyPixels(node) {
  const copy = new Image();
  const canvas = document.createElement("canvas");
  canvas.width = node instanceof HTMLImageElement ? node.naturalWidth : node.width;
  canvas.height = node instanceof HTMLImageElement ? node.naturalHeight : node.height;
  try {
    canvas.getContext("2d")?.drawImage(node, 0, 0);
    if (canvas.width && canvas.height) copy.src = canvas.toDataURL();
  } catch {
    // an image of another site stays empty
  }
  return copy;
}
