// Opens the view of a plot that the page's address has, and says so if the page or the plot does not have it.

import { createElement, setText } from "./dom.mjs";
import { readLinkedPlot, readLinkedView } from "./plot_fragment.mjs";
import { waitUntilReady } from "./readiness.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { Tools } from "./tool_loader.mjs"
 */

// No text of the address is repeated: it may come from anyone.
const GONE_TEXT = "The plot of this link is not on this page. You see the page as it is.";
const OTHER_TEXT = "The view of this link does not fit this plot any more. You see the plot as it is for all.";
const FAILED_TEXT = "The view of this link could not be opened. You see the plot as it is for all.";

export class LinkedView {
  // Before the cards, where viewers read it first.
  notice = createElement("p", "link-notice");
  #loadTools;
  /** @type {string | null} The fragment whose plot was found. */
  #found = null;

  /** @param {() => Promise<Tools>} loadTools */
  constructor(loadTools) {
    this.#loadTools = loadTools;
    this.#prepareNotice();
  }

  /**
   * Called when there are other cards, or another fragment.
   * @param {Card[]} cards
   */
  update(cards) {
    const { hash } = location;
    if (hash === this.#found) return;
    this.#prepareNotice();
    const card = readLinkedPlot(location) === null ? null : cards.find((each) => each.isNamedInAddress);
    // the author may show it later
    const isMissing = card === undefined;
    setText(this.notice, isMissing ? GONE_TEXT : "");
    this.#found = isMissing ? null : hash;
    const fields = readLinkedView(location);
    if (card && fields) this.#open(card, fields);
  }

  // Screen readers read the texts of elements that had this role before. Most pages are not opened by such a link.
  #prepareNotice() {
    if (readLinkedPlot(location) !== null) this.notice.setAttribute("role", "status");
  }

  /**
   * @param {Card} card
   * @param {[string, string][]} fields
   */
  #open(card, fields) {
    const loading = this.#loadTools();
    loading.catch(() => {}); // is handled when the plot is drawn
    card.prepareDrawing(async ({ bokeh }) => {
      if (!bokeh) return;
      try {
        const { openView } = await loading;
        card.showNotice(openView(bokeh, fields) ? "" : OTHER_TEXT);
        await waitUntilReady(bokeh);
      } catch (error) {
        console.warn("the view could not be opened:", error);
        card.showNotice(FAILED_TEXT);
      }
    });
  }
}
