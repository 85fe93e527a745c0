// Shows the page of all plots: applies page messages, and passes those about a plot to the queue of its card.

import { Card } from "./card.mjs";
import { Cards } from "./cards.mjs";
import { findElement } from "./dom.mjs";
import { DrawScheduler } from "./draw_scheduler.mjs";
import { DrawTurns } from "./draw_turns.mjs";
import { OverflowWatcher } from "./overflow.mjs";
import { PageTitle } from "./page_title.mjs";
import { PlotUpdater } from "./plot_updater.mjs";
import { ScrollPosition } from "./scroll_position.mjs";
import { REFRESH_INTERVAL } from "./status_line.mjs";
import { ToolMenu } from "./tool_menu.mjs";
import { readNameInUrl } from "./urls.mjs";
import { WallSwitch } from "./wall_switch.mjs";

/**
 * @import { BokehLoader } from "./bokehjs.mjs"
 * @import { PageMessage, PlotMessage } from "./messages.mjs"
 * @import { ReplyChannel } from "./plot_updater.mjs"
 * @import { StatusLine } from "./status_line.mjs"
 * @import { Tools } from "./tool_loader.mjs"
 */

export class PlotsPage {
  #title = new PageTitle();
  #overflow = new OverflowWatcher();
  #turns = new DrawTurns();
  #cards;
  #status;
  #updater;
  #scheduler;
  #loadTools;
  #onPage;
  #wall;
  #scrollPosition = new ScrollPosition(() => this.#cards.plotInView);
  #hasPage = false;
  // from then on, changed plots are highlighted
  #isInitialPageReceived = false;

  /**
   * @param {BokehLoader} bokeh
   * @param {StatusLine} status
   * @param {ReplyChannel | null} replies null if there is no server
   * @param {(message: PageMessage) => void} onPage called when a page message is applied
   * @param {() => Promise<Tools>} loadTools of the menus
   */
  constructor(bokeh, status, replies, onPage, loadTools) {
    this.#status = status;
    this.#loadTools = loadTools;
    this.#updater = new PlotUpdater(bokeh, replies, this.#turns);
    this.#onPage = onPage;
    this.#scheduler = new DrawScheduler(this.#turns, {
      listCards: () => this.#cards.all,
      load: (card) => this.#updater.loadParts(card),
      draw: (card, endTurn) => this.#updater.drawFirst(card, endTurn),
    });
    this.#cards = new Cards({
      createCard: (plotId) => this.#createCard(plotId),
      onRemove: (card) => this.#scheduler.unwatch(card),
    });
    this.#wall = new WallSwitch(() => this.#cards.all, loadTools);
    this.#addMenu();
    setInterval(() => this.#refreshTimes(), REFRESH_INTERVAL);
    addEventListener("beforeprint", () => this.drawAll());
    window.visualViewport?.addEventListener("resize", () => {
      for (const { drawing } of this.#cards.all) drawing?.handleViewportResize();
    });
  }

  get hasPlots() {
    return this.#cards.all.length > 0;
  }

  get wall() {
    return this.#wall;
  }

  // True if an announced plot has not arrived yet.
  get isExpectingPlot() {
    return this.#cards.isAnyBehind;
  }

  // Tells the server, when the page connects, the state that the page has completely, and the plot that it wants
  // first: the one in view, or the one that will be.
  get connectionOptions() {
    const first = this.#hasPage ? this.#cards.plotInView : this.#scrollPosition.plot ?? readNameInUrl(location);
    return { ...this.#cards.completeState, ...first === null ? {} : { first } };
  }

  /** @param {...(PageMessage | PlotMessage)} messages */
  receive(...messages) {
    for (const message of messages) {
      if (message.kind === "page") this.#applyPage(message);
      else this.#cards.find(message)?.queue.add(message);
    }
  }

  // Requests of the former connection are not answered any more.
  handleOpen() {
    for (const { progress } of this.#cards.all) progress.forgetRequest();
  }

  // Draws all plots that have arrived, also those that the viewer has not scrolled to.
  drawAll() {
    this.#scheduler.drawAll();
  }

  #addMenu() {
    /** @type {ToolMenu<PlotsPage>} */
    const menu = new ToolMenu(this, this.#loadTools, ({ pageTools }) => pageTools);
    menu.setLabel("Menu of this page");
    findElement(".page-header").append(menu.element, menu.status);
  }

  /** @param {PageMessage} message */
  #applyPage(message) {
    document.documentElement.dataset.epoch = message.epoch;
    this.#title.set(message.title);
    this.#onPage(message);
    this.#cards.update(message);
    this.#wall.handlePage();
    this.#refreshTimes();
    if (!this.#hasPage && !this.#scrollPosition.restore() && scrollY === 0) this.#cards.scrollToNamedCard();
    this.#hasPage = true;
    this.#handleProgress();
  }

  /** @param {string} plotId */
  #createCard(plotId) {
    const card = new Card(plotId, this.#overflow, this.#loadTools, (created) => ({
      onMessages: (...messages) => this.#applyPlot(created, messages),
      onEmpty: () => this.#handleProgress(),
    }));
    this.#scheduler.watch(card);
    return card;
  }

  /**
   * @param {Card} card
   * @param {PlotMessage[]} messages
   */
  async #applyPlot(card, messages) {
    const wasDrawable = card.isDrawable;
    const isNewChange = await this.#updater.update(card, ...messages);
    // a further change of a plot that is not drawn does not change when it is drawn
    if (card.isDrawable && !wasDrawable) this.#scheduler.wake();
    if (!isNewChange || !this.#isInitialPageReceived) return;
    card.highlight();
    this.#wall.handleChange(card);
    this.#title.markChange();
  }

  #handleProgress() {
    const { dataset } = document.documentElement;
    if (this.#cards.isAnyQueued || this.#cards.isAnyBehind) delete dataset.version;
    else dataset.version = `${this.#cards.version}`;
    if (this.#cards.areSettled) this.#isInitialPageReceived = true;
  }

  #refreshTimes() {
    this.#status.refresh(this.#cards.lastChange);
    this.#cards.refreshTimes();
  }
}
