// Shows this viewer's document of an app: opens it with the options in the address, and again after a connection loss.

import { AppDocument } from "./app_document.mjs";
import { WAITING_TEXT, readSessionId, requestToken } from "./app_token.mjs";
import { Backoff } from "./backoff.mjs";
import { ViewerError } from "./custom_models.mjs";
import { findElement, setText } from "./dom.mjs";
import { resolveWebSocketUrl } from "./urls.mjs";

/**
 * @import { DocumentState } from "./app_document.mjs"
 * @import { AppToken } from "./app_token.mjs"
 * @import { BokehLoader } from "./bokehjs.mjs"
 * @import { ExtensionLoader } from "./extensions.mjs"
 * @import { AppEntry } from "./messages.mjs"
 * @import { OverflowWatcher } from "./overflow.mjs"
 * @import { PageTitle } from "./page_title.mjs"
 * @import { StateName } from "./states.mjs"
 */

const MIN_OPEN_DELAY = 500;
const MAX_OPEN_DELAY = 10_000;
const FAILED_TEXT = "The app failed with these options. The author sees the error.";
const REMOVED_TEXT = "The author no longer shares this app.";
const SLOW_TEXT = "The app is still loading. It is large, or other viewers come first.";
const CONTROL_WAITING_TEXT = "Your change waits for the author’s notebook. The app shows the state before it.";
const SLOW_NOTICE_DELAY = 5000;

// All of them, since the author's callbacks may add a model of any kind later.
export const APP_PARTS = ["widgets", "tables", "gl", "mathjax"];

// The app is opened again after the connection was lost, and replaced if it has a new version. The old document
// stays on screen until the new one is drawn.
export class App {
  // When the app was last shared, in milliseconds since 1970.
  changed = 0;
  #name;
  #urlPath;
  #bokeh;
  #extensions;
  #title;
  #overflow;
  #onContent;
  #frame = findElement(".app .plot");
  #errorText = findElement(".app .error");
  #waitingText = findElement(".app .waiting-text");
  /** @type {StateName} */
  #state = "connecting";
  /** @type {string | null} */
  #session = null;
  /** @type {AppDocument | null} */
  #current = null;
  // The problem with the options in the address, until the viewer chooses others.
  #problem = "";
  #query = "";
  #isOpening = false;
  #openCount = 0;
  #backoff = new Backoff(MIN_OPEN_DELAY, MAX_OPEN_DELAY);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string} name
   * @param {BokehLoader} bokeh
   * @param {ExtensionLoader} extensions
   * @param {PageTitle} title
   * @param {OverflowWatcher} overflow
   * @param {() => void} onContent called when `isEmpty` may have changed
   */
  constructor(name, bokeh, extensions, title, overflow, onContent) {
    this.#name = name;
    this.#urlPath = encodeURIComponent(name);
    this.#bokeh = bokeh;
    this.#extensions = extensions;
    this.#title = title;
    this.#overflow = overflow;
    this.#onContent = onContent;
  }

  // True if there is neither a document nor a sentence to show.
  get isEmpty() {
    return this.#current === null && !this.#errorText.textContent;
  }

  // The document on screen.
  get document() {
    return this.#current;
  }

  // The options that the viewer chose, as a query without its question mark.
  get query() {
    return this.#query;
  }

  // The app's address, relative to the share's link.
  get address() {
    return this.#urlPath + location.search;
  }

  get #isOpen() {
    return this.#current !== null && !this.#current.isLost;
  }

  /**
   * The state of the share decides if the app can be opened now.
   * @param {StateName} state
   */
  setShareState(state) {
    const former = this.#state;
    this.#state = state;
    if (this.#isOpen || state === former) return;
    if (state === "busy") this.#showMessage(WAITING_TEXT);
    else this.#scheduleOpen(0);
  }

  /** @param {AppEntry[]} apps */
  updateApps(apps) {
    const listed = apps.find(({ name }) => name === this.#name);
    const formerChange = this.changed;
    this.changed = listed?.changed ?? 0;
    if (!listed) this.#showMessage(REMOVED_TEXT);
    else if (formerChange !== this.changed && !this.#isOpen) this.#scheduleOpen(0);
  }

  // The share's websocket was found dead, so the app's may be dead too.
  handleConnectionLoss() {
    if (this.#current?.markLost()) this.#scheduleOpen(this.#backoff.chooseDelay());
  }

  /** @param {string} text */
  #showMessage(text) {
    setText(this.#errorText, text);
    this.#errorText.hidden = !text;
    this.#onContent();
  }

  /** @param {number} delay */
  #scheduleOpen(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), delay);
  }

  async #open() {
    if (this.#isOpening || this.#isOpen || !["live", "paused", "busy"].includes(this.#state)) return;
    this.#isOpening = true;
    // the server disconnects a viewer who is too slow while others wait; the page then opens the app again
    const slowTimer = setTimeout(() => {
      if (this.#errorText.hidden) this.#showMessage(SLOW_TEXT);
    }, SLOW_NOTICE_DELAY);
    try {
      if (await this.#tryOpening()) {
        this.#backoff.reset();
        return;
      }
    } catch (error) {
      console.warn("the app could not be opened:", error);
      if (error instanceof ViewerError) this.#showMessage(error.message);
    } finally {
      clearTimeout(slowTimer);
      this.#isOpening = false;
    }
    this.#backoff.increase();
    this.#scheduleOpen(this.#backoff.chooseDelay());
  }

  // Returns false if the app cannot be opened now.
  async #tryOpening() {
    // a document that waits for the page to load more scripts is opened a second time
    for (let time = 0; time < 2; time += 1) {
      const { token, problem } = await requestToken(this.#urlPath, this.#session);
      if (token === null) {
        if (problem) this.#showMessage(problem);
        return false;
      }
      this.#problem = problem;
      if (await this.#openDocument(token)) return true;
    }
    return false;
  }

  /**
   * Returns false if the document waits for the page to load more scripts.
   * @param {AppToken} token
   */
  async #openDocument({ token, parts }) {
    await this.#bokeh.load(APP_PARTS);
    await this.#extensions.load(parts);
    // BokehJS reuses a connection for the same address, even a closed one, and adds the page's query
    const url = resolveWebSocketUrl(`${this.#urlPath}/socket/${this.#openCount += 1}`, location);
    const opened = await AppDocument.open(this.#frame, url, token);
    this.#session = readSessionId(token);
    if (opened.isWaiting) {
      opened.removeWhenLost();
      return false;
    }
    opened.watchConnection(() => {
      if (opened === this.#current) this.#scheduleOpen(this.#backoff.chooseDelay());
    });
    this.#showDocument(opened);
    return true;
  }

  /** @param {AppDocument} opened */
  #showDocument(opened) {
    opened.watchSizes();
    opened.watchControls((isWaiting) => setText(this.#waitingText, isWaiting ? CONTROL_WAITING_TEXT : ""));
    const former = this.#current;
    this.#current = opened;
    opened.show(former);
    for (const root of opened.roots) this.#overflow.watch(root);
    this.#showMessage(this.#problem);
    if (opened.title !== null) this.#title.set(opened.title);
    /** @type {string | null} */
    let openedQuery = null;
    opened.watchState((state) => {
      openedQuery ??= state.query;
      if (state.query !== openedQuery || state.problem) this.#problem = "";
      this.#showState(state);
    });
    this.#frame.dataset.openCount = `${this.#openCount}`;
  }

  /**
   * Keeps the address bar up to date, so that a colleague who opens the address sees the same.
   * @param {DocumentState} state
   */
  #showState({ query, problem }) {
    this.#query = query;
    const search = query ? `?${query}` : "";
    if (!problem && !this.#problem && location.search !== search) {
      history.replaceState(null, "", (search || location.pathname) + location.hash);
    }
    this.#frame.hidden = problem === "nothing";
    this.#showMessage(problem ? FAILED_TEXT : this.#problem);
  }
}
