// Copies the style of an element, as far as it differs from what such an element has without any style sheet.

// A copy may be in another element than the original, from which it would inherit other values.
const INHERITED = new Set([
  "border-collapse", "border-spacing", "caption-side", "color", "color-scheme", "accent-color", "direction",
  "empty-cells", "font-family", "font-feature-settings", "font-kerning", "font-size", "font-stretch", "font-style",
  "font-variant", "font-variation-settings", "font-weight", "hyphens", "letter-spacing", "line-height",
  "list-style-image", "list-style-position", "list-style-type", "overflow-wrap", "tab-size", "text-align",
  "text-indent", "text-shadow", "text-transform", "visibility", "white-space-collapse", "text-wrap-mode",
  "white-space", "word-break", "word-spacing", "writing-mode", "quotes", "-webkit-text-fill-color",
  "-webkit-text-stroke-color", "-webkit-text-stroke-width",
]);

// The picture does not move, and nobody points at it.
const SKIPPED = /^(animation|transition|--|perspective-origin|will-change|cursor|pointer-events|user-select)/;
// The same is in the properties of left, right, top and bottom.
const LOGICAL = /(^|-)(block|inline)(-|$)/;

// Computed styles of elements without a style sheet. They are on the page until `remove` is called.
export class DefaultStyles {
  #host = document.createElement("div");
  /** @type {Map<string, CSSStyleDeclaration>} By the name and the type of the element. */
  #styles = new Map();

  constructor() {
    this.#host.style.cssText = "all: initial; position: fixed; left: -9999px;";
    this.#host.attachShadow({ mode: "open" });
    document.body.append(this.#host);
  }

  /** @param {HTMLElement} like */
  get(like) {
    const type = like.getAttribute("type") ?? "";
    const key = `${like.localName} ${type}`;
    const found = this.#styles.get(key);
    if (found) return found;
    const element = document.createElement(like.localName);
    if (type) element.setAttribute("type", type);
    this.#host.shadowRoot?.append(element);
    const style = getComputedStyle(element);
    this.#styles.set(key, style);
    return style;
  }

  remove() {
    this.#host.remove();
  }
}

/**
 * @param {CSSStyleDeclaration} computed
 * @param {HTMLElement} copy
 * @param {DefaultStyles} defaults
 */
export function copyStyle(computed, copy, defaults) {
  const usual = defaults.get(copy);
  const isMoved = computed.transform !== "none" || computed.rotate !== "none" || computed.scale !== "none";
  const declarations = [];
  for (const name of computed) {
    if (SKIPPED.test(name) || LOGICAL.test(name)) continue;
    const value = computed.getPropertyValue(name);
    // the usual origin is that of an element without a size
    const isNeeded = name === "transform-origin" ? isMoved : value !== usual.getPropertyValue(name);
    if (isNeeded || INHERITED.has(name)) declarations.push(`${name}: ${value}`);
  }
  copy.style.cssText = declarations.join("; ");
}
