// The card of an app on its own page, with the menus of this page.

import { createElement, findElement } from "./dom.mjs";
import { ToolMenu } from "./tool_menu.mjs";

/**
 * @import { AppDocument } from "./app_document.mjs"
 * @import { PageMessage, PlotBox } from "./messages.mjs"
 * @import { Tools } from "./tool_loader.mjs"
 */

/**
 * The app that the card shows. `query` has the options that the viewer chose.
 * @typedef {{ document: AppDocument | null, query: string, isEmpty: boolean }} ShownApp
 */

export class AppCard {
  section = findElement(".card.app");
  frame = findElement(".card.app > .plot");
  undrawn = null;
  canDownload = true;
  // An app has its own ways to tell the author something.
  canPoint = false;
  #app;
  /** @type {PlotBox} */
  #box = [null];

  /**
   * @param {ShownApp} app
   * @param {() => Promise<Tools>} loadTools of the menus
   */
  constructor(app, loadTools) {
    this.#app = app;
    this.update();
    /** @type {ToolMenu<AppCard>} */
    const menu = new ToolMenu(this, loadTools, ({ appTools }) => appTools);
    menu.setLabel("Menu of this app");
    const header = createElement("header", "", findElement(".card.app > .caption"), menu.element);
    this.section.prepend(header, menu.status);
    /** @type {ToolMenu<AppCard>} */
    const pageMenu = new ToolMenu(this, loadTools, ({ appPageTools }) => appPageTools);
    pageMenu.setLabel("Menu of this page");
    findElement(".page-header").append(pageMenu.element, pageMenu.status);
  }

  get heading() {
    return findElement("h1").textContent ?? "";
  }

  get drawing() {
    return this.#app.document;
  }

  get query() {
    return this.#app.query;
  }

  // The size of what the app shows. A plot that is magnified is as large as before.
  get box() {
    if (!this.frame.classList.contains("magnified")) this.#box = this.#app.document?.measure() ?? [null];
    return this.#box;
  }

  // Follows what the app shows.
  update() {
    this.section.classList.toggle("empty", this.#app.isEmpty);
  }

  /** @param {PageMessage} message */
  updatePage({ download }) {
    this.canDownload = download;
  }

  // An app has nothing that is drawn later.
  async waitUntilAllDrawn() {}
}
