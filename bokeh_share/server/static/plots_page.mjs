// Shows the page of all plots: applies page messages, and passes those about a plot to the queue of its card.

import { Card } from "./card.mjs";
import { Cards } from "./cards.mjs";
import { Contents } from "./contents.mjs";
import { findElement } from "./dom.mjs";
import { DrawScheduler } from "./draw_scheduler.mjs";
import { DrawTurns } from "./draw_turns.mjs";
import { LinkedView } from "./linked_view.mjs";
import { OverflowWatcher } from "./overflow.mjs";
import { PageTitle } from "./page_title.mjs";
import { PlotUpdater } from "./plot_updater.mjs";
import { PrintSheet } from "./print_sheet.mjs";
import { ScrollPosition } from "./scroll_position.mjs";
import { ServerClock } from "./server_clock.mjs";
import { REFRESH_INTERVAL } from "./status_line.mjs";
import { ToolMenu } from "./tool_menu.mjs";
import { readNameInUrl } from "./urls.mjs";
import { WallSwitch } from "./wall_switch.mjs";

/**
 * @import { BokehLoader } from "./bokehjs.mjs"
 * @import { FormerView } from "./drawing.mjs"
 * @import { PageMessage, PlotMessage } from "./messages.mjs"
 * @import { ReplyChannel } from "./plot_updater.mjs"
 * @import { StatusLine } from "./status_line.mjs"
 * @import { Tools } from "./tool_loader.mjs"
 */

// Milliseconds between two messages that arrive one after the other, also on a slow machine.
const RECEIVING_TIME = 30;
// Printing waits for plots that are not drawn yet, but not forever: a plot may wait for something that never arrives.
const MAX_PRINT_DELAY = 60_000;
const PRINT_CHECK_INTERVAL = 100;

export class PlotsPage {
  #title = new PageTitle();
  #overflow = new OverflowWatcher();
  #turns = new DrawTurns();
  #clock = new ServerClock();
  #contents = new Contents();
  #cards;
  #status;
  #updater;
  #scheduler;
  #loadTools;
  #linkedView;
  #onPage;
  #wall;
  #scrollPosition = new ScrollPosition(() => this.#cards.plotInView);
  #hasPage = false;
  #lastReceived = -Infinity;
  /** @type {{ epoch: string, version: string } | null} The state that the page named when it connected. */
  #namedState = null;
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
    this.#linkedView = new LinkedView(loadTools);
    this.#updater = new PlotUpdater(bokeh, replies, this.#turns);
    this.#onPage = onPage;
    this.#scheduler = new DrawScheduler(this.#turns, {
      listCards: () => this.#cards.all,
      isReceiving: () => this.isExpectingPlot && performance.now() - this.#lastReceived < RECEIVING_TIME,
      load: (card) => this.#updater.loadParts(card),
      draw: (card, endTurn) => this.#updater.drawFirst(card, endTurn),
    });
    this.#cards = new Cards({
      createCard: (plotId, formerView) => this.#createCard(plotId, formerView),
      onRemove: (card) => this.#scheduler.unwatch(card),
    });
    this.#wall = new WallSwitch(() => this.#cards.all, loadTools);
    this.#addMenu();
    new PrintSheet();
    setInterval(() => this.#refreshTimes(), REFRESH_INTERVAL);
    addEventListener("beforeprint", () => this.drawAll());
    window.visualViewport?.addEventListener("resize", () => {
      for (const { drawing } of this.#cards.all) drawing?.handleViewportResize();
    });
  }

  // True if there are neither plots nor apps.
  get isEmpty() {
    return this.#cards.isEmpty;
  }

  // The cards of all plots, in the page's order.
  get cards() {
    return this.#cards.all;
  }

  get hasPlots() {
    return this.#cards.all.length > 0;
  }

  get wall() {
    return this.#wall;
  }

  // True if an announced plot has not arrived yet.
  get isExpectingPlot() {
    return this.#cards.isAnyExpected;
  }

  // Tells the server, when the page connects, the state that the page has completely, and the plot that it wants
  // first: the one in view, or the one that will be.
  nameState() {
    this.#namedState = this.#cards.completeState;
    const first = this.#hasPage ? this.#cards.plotInView : this.#scrollPosition.plot ?? readNameInUrl(location);
    return { ...this.#namedState, ...first === null ? {} : { first } };
  }

  /** @param {...(PageMessage | PlotMessage)} messages */
  receive(...messages) {
    this.#lastReceived = performance.now();
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

  // Resolves when all plots are drawn that can be drawn.
  async waitUntilAllDrawn() {
    const deadline = performance.now() + MAX_PRINT_DELAY;
    while (this.#cards.isAnyUndrawn && performance.now() < deadline) {
      this.drawAll(); // also plots that arrived meanwhile
      await new Promise((resolve) => { setTimeout(resolve, PRINT_CHECK_INTERVAL); });
    }
  }

  #addMenu() {
    /** @type {ToolMenu<PlotsPage>} */
    const menu = new ToolMenu(this, this.#loadTools, ({ pageTools }) => pageTools);
    menu.setLabel("Menu of this page");
    findElement(".page-header").append(menu.element, menu.status);
    findElement("main").prepend(this.#linkedView.notice);
    addEventListener("hashchange", () => this.#followFragment());
  }

  // A link to a plot of the page that is open does not load the page again.
  #followFragment() {
    if (!this.#hasPage) return;
    this.#cards.scrollToNamedCard();
    this.#linkedView.update(this.#cards.all);
  }

  /** @param {PageMessage} message */
  #applyPage(message) {
    document.documentElement.dataset.epoch = message.epoch;
    this.#clock.set(message.now);
    this.#title.set(message.title);
    this.#cards.update(message);
    this.#onPage(message);
    this.#contents.update(this.#cards.all);
    this.#wall.handlePage();
    this.#refreshTimes();
    if (!this.#hasPage && !this.#scrollPosition.restore() && scrollY === 0) this.#cards.scrollToNamedCard();
    this.#hasPage = true;
    this.#requestFailedPlots(message.epoch);
    this.#linkedView.update(this.#cards.all);
    this.#handleProgress();
  }

  /**
   * The server takes the named state for complete, so it does not send plots again that could not be drawn.
   * @param {string} epoch of the first page message of a connection
   */
  #requestFailedPlots(epoch) {
    const isNamed = this.#namedState?.epoch === epoch;
    this.#namedState = null;
    if (isNamed) for (const card of this.#cards.all) this.#updater.requestFailed(card);
  }

  /**
   * @param {string} plotId
   * @param {FormerView | null} formerView
   */
  #createCard(plotId, formerView) {
    const card = new Card(plotId, this.#overflow, this.#loadTools, (created) => ({
      onMessages: (...messages) => this.#applyPlot(created, messages),
      onEmpty: () => this.#handleProgress(),
    }), formerView);
    this.#scheduler.watch(card);
    return card;
  }

  /**
   * @param {Card} card
   * @param {PlotMessage[]} messages
   */
  async #applyPlot(card, messages) {
    const { isDrawable: wasDrawable, neededParts } = card;
    const isNewChange = await this.#updater.update(card, ...messages);
    // another change of a plot that is not drawn does not change when it is drawn
    if (card.isDrawable && !(wasDrawable && card.neededParts === neededParts)) this.#scheduler.wake();
    if (!isNewChange || !this.#isInitialPageReceived) return;
    card.highlight();
    this.#contents.markChange(card);
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
    const now = this.#clock.read();
    this.#status.refresh(this.#cards.lastChange, now);
    this.#cards.refreshTimes(now);
  }
}
