// Shows the headings of the notebook above the plots of their sections.

import { createElement } from "./dom.mjs";

/** @import { PlotEntry, SectionHeading } from "./messages.mjs" */

export class SectionHeadings {
  /** @type {Map<string, HTMLElement[]>} By the id of the plot below them. */
  #elements = new Map();

  /**
   * Returns the elements above each plot, by the plot's id. Those that stay the same are the same objects.
   * @param {PlotEntry[]} entries in the page's order
   */
  update(entries) {
    const former = this.#elements;
    this.#elements = new Map();
    /** @type {SectionHeading[]} */
    let before = [];
    for (const { id, section = [] } of entries) {
      const headings = listNewHeadings(before, section);
      before = section;
      if (headings.length) this.#elements.set(id, reuse(former.get(id) ?? [], headings));
    }
    const current = new Set([...this.#elements.values()].flat());
    for (const element of [...former.values()].flat()) if (!current.has(element)) element.remove();
    return this.#elements;
  }
}

/**
 * Returns the headings of a section that do not stand above the plot before.
 * @param {SectionHeading[]} before
 * @param {SectionHeading[]} section
 */
export function listNewHeadings(before, section) {
  const first = section.findIndex(([level, text], index) => {
    const [formerLevel, formerText] = before[index] ?? [];
    return level !== formerLevel || text !== formerText;
  });
  return first < 0 ? [] : section.slice(first);
}

/**
 * @param {HTMLElement[]} elements
 * @param {SectionHeading[]} headings
 */
function reuse(elements, headings) {
  const texts = headings.map(([level, text]) => `${level} ${text}`);
  const isSame = texts.join("\n") === elements.map(({ dataset }) => dataset.heading).join("\n");
  return isSame ? elements : headings.map(([level, text], index) => {
    // those of cards are of the second level
    const element = createElement("h2", `section-heading level-${level}`, text);
    element.dataset.heading = texts[index] ?? "";
    element.dir = "auto";
    return element;
  });
}
