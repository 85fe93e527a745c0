// Shows the page of all plots: applies each message to the title, the state and the cards, in the order of the inbox.

import { Cards } from "./cards.mjs";
import { Inbox } from "./inbox.mjs";
import { OverflowWatcher } from "./overflow.mjs";
import { PageTitle } from "./page_title.mjs";
import { PlotUpdater } from "./plot_updater.mjs";
import { REFRESH_INTERVAL } from "./status_line.mjs";

/**
 * @import { BokehLoader } from "./bokehjs.mjs"
 * @import { PageMessage, PlotMessage } from "./messages.mjs"
 * @import { ReplyChannel } from "./plot_updater.mjs"
 * @import { StatusLine } from "./status_line.mjs"
 */

export class PlotsPage {
  #title = new PageTitle();
  #cards = new Cards(new OverflowWatcher());
  #status;
  #updater;
  #onPage;
  #inbox;
  // from then on, changed plots are highlighted
  #isInitialPageDrawn = false;

  /**
   * @param {BokehLoader} bokeh
   * @param {StatusLine} status
   * @param {ReplyChannel | null} replies null if there is no server
   * @param {(message: PageMessage) => void} onPage called when a page message is applied
   */
  constructor(bokeh, status, replies, onPage) {
    this.#status = status;
    this.#updater = new PlotUpdater(bokeh, replies);
    this.#onPage = onPage;
    this.#inbox = new Inbox({
      onPage: (message) => this.#applyPage(message),
      onPlot: (message) => this.#applyPlot(message),
      onEmpty: () => this.#handleEmpty(),
    });
    setInterval(() => this.#refreshTimes(), REFRESH_INTERVAL);
    window.visualViewport?.addEventListener("resize", () => {
      for (const { drawing } of this.#cards.all) drawing?.handleViewportResize();
    });
  }

  // True if an announced plot has not arrived yet.
  get isExpectingPlot() {
    return this.#cards.isAnyBehind;
  }

  // The state that the page has completely, for the server.
  get completeState() {
    return this.#inbox.isProcessing ? null : this.#cards.completeState;
  }

  /** @param {...(PageMessage | PlotMessage)} messages */
  receive(...messages) {
    for (const message of messages) this.#inbox.add(message);
    return this.#inbox.process();
  }

  // Requests of the former connection are not answered any more.
  handleOpen() {
    for (const { progress } of this.#cards.all) progress.forgetRequest();
  }

  /** @param {PageMessage} message */
  #applyPage(message) {
    document.documentElement.dataset.epoch = message.epoch;
    this.#title.set(message.title);
    this.#onPage(message);
    this.#cards.update(message);
    this.#refreshTimes();
  }

  /** @param {PlotMessage} message */
  async #applyPlot(message) {
    const card = this.#cards.find(message);
    if (!card || !await this.#updater.update(card, message) || !this.#isInitialPageDrawn) return;
    card.highlight();
    this.#title.markChange();
  }

  #handleEmpty() {
    document.documentElement.dataset.version = `${this.#cards.version}`;
    if (this.#isInitialPageDrawn || !this.#cards.areSettled) return;
    this.#isInitialPageDrawn = true;
    if (scrollY === 0) this.#cards.scrollToNamedCard();
  }

  #refreshTimes() {
    this.#status.refresh(this.#cards.lastChange);
    this.#cards.refreshTimes();
  }
}
