// Sets a formula by the MathJax of BokehJS, as a picture in which nothing runs.

import { createElement } from "./dom.mjs";

const TEXT_COLOR = "#1c2227";

// Lets BokehJS look for its MathJax, if it did not need it yet.
export async function prepareFormulas() {
  const { default_provider: provider } = Bokeh.require("models/text/providers");
  if (!provider.MathJax) await provider.fetch();
}

/**
 * Returns the formula; its source if MathJax is not there, or does not understand it.
 * @param {string} source in TeX
 * @param {boolean} isDisplayed true for one in its own line
 */
export function createFormula(source, isDisplayed) {
  const className = isDisplayed ? "formula displayed" : "formula";
  const svg = typesetFormula(source, isDisplayed);
  if (!svg) return createElement("code", className, source);
  svg.setAttribute("color", TEXT_COLOR);
  const image = createElement("img", className);
  image.alt = source;
  image.draggable = false;
  // in `ex` of the text around
  image.style.width = svg.getAttribute("width") ?? "";
  image.style.height = svg.getAttribute("height") ?? "";
  image.style.verticalAlign = svg.style.verticalAlign;
  image.src = `data:image/svg+xml;utf-8,${encodeURIComponent(svg.outerHTML)}`;
  return image;
}

/**
 * @param {string} source
 * @param {boolean} isDisplayed
 * @returns {SVGElement | null}
 */
function typesetFormula(source, isDisplayed) {
  try {
    const { default_provider: provider } = Bokeh.require("models/text/providers");
    const found = provider.MathJax?.tex2svg(source, { display: isDisplayed }).querySelector("svg");
    return found instanceof SVGElement ? found : null;
  } catch (error) {
    console.info("a formula could not be set:", error);
    return null;
  }
}
