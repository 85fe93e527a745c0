// Opens one document of an app over Bokeh's websocket, shows it, and removes it.

import { createElement } from "./dom.mjs";
import { getNewestDocument, unlistDocument } from "./documents.mjs";
import { updateResizable, updateRowHeights } from "./layout.mjs";
import { isRange, listModels, moveRange } from "./models.mjs";
import { patchSession } from "./session_acks.mjs";
import { WaitingControls } from "./waiting_controls.mjs";

/** @import { PlotBox } from "./messages.mjs" */

/**
 * The kernel's state of the document: the query of its options, and its problem if there is one.
 * @typedef {{ query: string, problem: string }} DocumentState
 */

const STATE_MODEL_NAME = "bokeh_share";
const WAITING_STATE = "waiting";
// Pixels that BokehJS leaves beside what fills the width.
const MAX_MARGIN = 40;
const DEFAULT_TITLE = "Bokeh Application";

export class AppDocument {
  #bokeh;
  #wrapper;
  #container;
  #isLost = false;
  /** @type {WaitingControls | null} */
  #waiting = null;

  /**
   * @param {BokehJS.Document} bokeh
   * @param {HTMLElement} wrapper
   * @param {HTMLElement} container
   */
  constructor(bokeh, wrapper, container) {
    this.#bokeh = bokeh;
    this.#wrapper = wrapper;
    this.#container = container;
  }

  /**
   * Opens a document, which is hidden until `show` is called.
   * @param {HTMLElement} frame
   * @param {URL} url of a websocket
   * @param {string} token
   */
  static async open(frame, url, token) {
    const container = createElement("div", "plot-content");
    const wrapper = createElement("div", "drawing offscreen", container);
    frame.append(wrapper);
    patchSession(Bokeh.require("client/session").ClientSession.prototype);
    try {
      await Bokeh.embed.add_document_from_session(url.href, token, container);
      return new AppDocument(getNewestDocument(), wrapper, container);
    } catch (error) {
      wrapper.remove();
      throw error;
    }
  }

  get bokeh() {
    return this.#bokeh;
  }

  get isLost() {
    return this.#isLost;
  }

  // True if the document waits for the page to load more scripts.
  get isWaiting() {
    return this.#stateModel?.tags[1] === WAITING_STATE;
  }

  get roots() {
    return this.#container.children;
  }

  // Null if the author gave the document none.
  get title() {
    const title = this.#bokeh.title();
    return title === DEFAULT_TITLE ? null : title;
  }

  get #stateModel() {
    return this.#bokeh.get_model_by_name(STATE_MODEL_NAME);
  }

  // BokehJS reports a lost connection as an event of this document, and of the next one.
  removeWhenLost() {
    this.#bokeh.on_event("connection_lost", () => this.remove());
  }

  /** @param {() => void} onLost called once */
  watchConnection(onLost) {
    this.#bokeh.on_event("connection_lost", () => {
      if (this.markLost()) onLost();
    });
  }

  // Returns false if the document was known to be lost.
  markLost() {
    const isNew = !this.#isLost;
    this.#isLost = true;
    this.#waiting?.stop();
    return isNew;
  }

  /** @param {(isWaiting: boolean) => void} onWaiting called when a control waits for the kernel, and when none does */
  watchControls(onWaiting) {
    this.#waiting = new WaitingControls(this.#bokeh, onWaiting);
  }

  // Keeps the sizes right as the document changes.
  watchSizes() {
    const update = () => {
      const roots = this.#bokeh.roots();
      updateRowHeights(this.#container, roots);
      updateResizable(this.#container, roots);
    };
    this.#bokeh.on_change(update);
    update();
  }

  /**
   * Returns the size of the figures and widgets together; one that fills the card if they are as wide as the card.
   * @returns {PlotBox}
   */
  measure() {
    const views = [...this.#bokeh.views_manager?.query((view) => view.child_views?.length === 0) ?? []];
    const rects = views.map(({ el }) => el.getBoundingClientRect()).filter(({ width }) => width > 0);
    const width = Math.max(...rects.map(({ right }) => right)) - Math.min(...rects.map(({ left }) => left));
    const { paddingLeft, paddingRight, paddingTop, paddingBottom } = getComputedStyle(this.#container);
    const available = this.#container.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    if (!(width < available - MAX_MARGIN)) return [null, 0, 0, 1];
    return [width, this.#container.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom)];
  }

  /** @param {AppDocument | null} former */
  show(former) {
    this.#wrapper.classList.remove("offscreen");
    former?.remove();
  }

  /**
   * Follows the kernel's state of the document, and keeps the viewer's zoom when a plot was redrawn.
   * @param {(state: DocumentState) => void} onState called now and at each change
   */
  watchState(onState) {
    const bokeh = this.#bokeh;
    const stateModel = this.#stateModel;
    if (!stateModel) return;
    let knownRanges = mapRanges(bokeh);
    const handleTags = () => {
      const [query, problem, moved] = stateModel.tags;
      for (const [now, then] of moved) keepRange(knownRanges.get(then), bokeh.get_model_by_id(now));
      knownRanges = mapRanges(bokeh);
      onState({ query, problem });
    };
    stateModel.properties.tags?.change.connect(handleTags);
    handleTags();
  }

  remove() {
    this.#waiting?.stop();
    this.#bokeh.views_manager?.clear();
    this.#bokeh.clear({ sync: false });
    unlistDocument(this.#bokeh);
    this.#wrapper.remove();
  }
}

/** @param {BokehJS.Document} bokeh */
const mapRanges = (bokeh) => new Map(listModels(bokeh).filter(isRange).map((range) => [range.id, range]));

/**
 * @param {BokehJS.Model | undefined} former
 * @param {BokehJS.Model | null} range
 */
function keepRange(former, range) {
  if (former?.have_updated_interactively && range) {
    moveRange(range, { start: former.start, end: former.end }, true);
  }
}
