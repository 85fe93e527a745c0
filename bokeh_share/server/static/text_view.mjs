// Shows a text of elements that texts may have, and its formulas as pictures.

import { createElement } from "./dom.mjs";
import { createFormula, prepareFormulas } from "./formula_view.mjs";

/**
 * @import { MediaView } from "./media_drawing.mjs"
 *
 * @typedef {{ href?: string, align?: string, colspan?: number, rowspan?: number, start?: number,
 *   display?: boolean }} NodeAttributes
 * @typedef {string | [tag: string, attributes: NodeAttributes | null, ...children: any[]]} TextNode
 */

// As in the server's `plots/media/nodes`.
const ALLOWED_TAGS = new Set(("a b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i kbd li mark ol p pre s "
  + "small span strong sub sup table tbody td tfoot th thead tr u ul").split(" "));
// The page has a heading of its own for each card.
const LOWERED_HEADINGS = new Map([["h1", "h3"], ["h2", "h4"], ["h3", "h5"], ["h4", "h6"], ["h5", "h6"]]);

/**
 * @param {TextNode[]} nodes
 * @param {boolean} hasFormulas true if MathJax is loaded
 * @returns {Promise<MediaView>}
 */
export async function createText(nodes, hasFormulas) {
  if (hasFormulas) await prepareFormulas();
  return { element: createElement("div", "text-box", ...nodes.map(createNode)), release: () => {} };
}

/**
 * @param {TextNode} node
 * @returns {Node | string}
 */
export function createNode(node) {
  if (typeof node === "string") return node;
  const [tag, attributes, ...children] = node;
  if (tag === "math") return createFormula(String(children[0] ?? ""), Boolean(attributes?.display));
  const contents = children.map(createNode);
  if (!ALLOWED_TAGS.has(tag)) return createElement("span", "", ...contents);
  const level = /^h[1-6]$/.test(tag) ? `heading-${tag[1]}` : "";
  const name = /** @type {"a"} */ (LOWERED_HEADINGS.get(tag) ?? tag);
  const element = createElement(name, level, ...contents);
  setAttributes(element, attributes ?? {});
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {NodeAttributes} attributes
 */
function setAttributes(element, { href, align, colspan, rowspan, start }) {
  if (element instanceof HTMLAnchorElement && href && isWebLink(href)) {
    element.href = href;
    element.rel = "noopener noreferrer";
    element.target = "_blank";
  }
  if (element instanceof HTMLTableCellElement) {
    if (align) element.style.textAlign = align;
    if (colspan) element.colSpan = colspan;
    if (rowspan) element.rowSpan = rowspan;
  }
  if (element instanceof HTMLOListElement && start) element.start = start;
}

/** @param {string} href */
export function isWebLink(href) {
  try {
    return ["http:", "https:"].includes(new URL(href).protocol);
  } catch {
    return false;
  }
}
