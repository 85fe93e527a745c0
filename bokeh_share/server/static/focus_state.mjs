// Keeps the focus, and the selection in a text field, when a drawing is replaced.

/**
 * @typedef {{ bokeh: BokehJS.Document, wrapper: HTMLElement }} DrawnDocument
 * @typedef {{ id: string | undefined, selector: string, typed: [string, number, number] | null }} FocusStep
 */

export class FocusState {
  /** @type {FocusStep[]} The path to the focused element; each is in the shadow root of the one before. */
  #path = [];

  /** @param {DrawnDocument} drawing */
  constructor({ bokeh, wrapper }) {
    let { activeElement: element } = document;
    while (element && (this.#path.length || wrapper.contains(element))) {
      const found = element;
      const id = bokeh.views_manager.query_one(({ el }) => el === found)?.model.id;
      const selector = [element.localName, ...element.classList].map(CSS.escape).join(".");
      const { value, selectionStart, selectionEnd } = /** @type {HTMLInputElement} */ (element);
      const typed = selectionStart == null || selectionEnd == null ? null : [value, selectionStart, selectionEnd];
      this.#path.push({ id, selector, typed: /** @type {FocusStep["typed"]} */ (typed) });
      element = element.shadowRoot?.activeElement ?? null;
    }
  }

  /**
   * Focuses the same element in another drawing, if it exists there.
   * @param {DrawnDocument} drawing
   */
  restore({ bokeh }) {
    // outer elements may be new, so begin at the innermost view that still exists
    const views = this.#path.map(({ id }) => bokeh.views_manager.query_one(({ model }) => model.id === id)?.el);
    const known = views.findLastIndex((el) => el);
    if (known < 0) return;
    /** @type {HTMLElement | null | undefined} */
    let element = views[known];
    for (const { selector } of this.#path.slice(known + 1)) {
      element = element?.shadowRoot?.querySelector(selector);
    }
    if (!element) return;
    element.focus({ preventScroll: true });
    const typed = this.#path.at(-1)?.typed;
    if (!typed) return;
    const input = /** @type {HTMLInputElement} */ (element);
    input.value = typed[0];
    input.setSelectionRange(typed[1], typed[2]);
  }
}
