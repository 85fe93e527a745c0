// Shows this viewer's document of an app. Opens it with the options in the address, opens it again after the
// connection was lost, and replaces it when the app has a new version. The old document stays on screen until
// the new one is drawn.

const name = document.documentElement.dataset.app;
const STATE_MODEL_NAME = "bokeh_share";
const DEFAULT_TITLE = "Bokeh Application";
const WAITING_STATE = "waiting";
const MIN_OPEN_DELAY = 500;
const MAX_OPEN_DELAY = 10_000;
const FAILED_TEXT = "The app failed for this choice. Its author has been told.";
const REMOVED_TEXT = "This app is not shared any more.";
const WAITING_TEXT = "Waiting for the author’s kernel, which runs a cell…";
const SLOW_TEXT = "The app is on its way. It is large, or others are sent theirs first…";
const SLOW_NOTICE_DELAY = 5000;

const frame = document.querySelector(".app .plot");
const errorText = document.querySelector(".app .error");

const urlPath = encodeURIComponent(name);

export class App {
  // All of them, since the author's callbacks may add a model of any kind later.
  parts = ["widgets", "tables", "gl", "mathjax"];
  #state = "connecting";
  #session = null;
  #opening = false;
  #delay = MIN_OPEN_DELAY;
  #timer = null;
  #current = null;
  #openCount = 0;
  #helpers;
  // when the app was last shared
  changed = 0;

  constructor(helpers) {
    this.#helpers = helpers;
  }

  // The app's address, relative to the share's link.
  get address() {
    return urlPath + location.search;
  }

  // The state of the share decides whether the app can be opened now.
  setShareState(state) {
    const former = this.#state;
    this.#state = state;
    if (this.#isOpen || state === former) return;
    if (state === "busy") this.#showMessage(WAITING_TEXT);
    else this.#scheduleOpen(0);
  }

  updateApps(apps) {
    const listed = apps.find((each) => each.name === name);
    const formerChange = this.changed;
    this.changed = listed?.changed ?? 0;
    if (!listed) this.#showMessage(REMOVED_TEXT);
    else if (formerChange !== this.changed && !this.#isOpen) this.#scheduleOpen(0);
  }

  // The share's websocket was found dead, so the app's may be dead too.
  handleConnectionLoss() {
    if (this.#current) this.#handleLost(this.#current);
  }

  #showMessage(text) {
    this.#helpers.setText(errorText, text);
    errorText.hidden = !text;
  }

  get #isOpen() {
    return this.#current !== null && !this.#current.isLost;
  }

  get #canOpen() {
    return ["live", "paused", "busy"].includes(this.#state);
  }

  #scheduleOpen(delay = this.#delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), delay);
  }

  async #open() {
    if (this.#opening || this.#isOpen || !this.#canOpen) return;
    this.#opening = true;
    // the server disconnects a viewer who is too slow while others wait; the page then opens the app again
    const slowTimer = setTimeout(() => { if (errorText.hidden) this.#showMessage(SLOW_TEXT); }, SLOW_NOTICE_DELAY);
    try {
      // a document that waits for the page to load more scripts is opened a second time
      for (let time = 0; time < 2; time += 1) {
        const answer = await this.#requestSession();
        if (answer === null) break;
        if (!await this.#openDocument(answer)) continue;
        this.#delay = MIN_OPEN_DELAY;
        return;
      }
    } catch (error) {
      console.warn("the app could not be opened:", error);
      if (error.isForViewers) this.#showMessage(error.message);
    } finally {
      clearTimeout(slowTimer);
      this.#opening = false;
    }
    this.#delay = Math.min(this.#delay * 2, MAX_OPEN_DELAY);
    this.#scheduleOpen();
  }

  // Returns null if the app cannot be opened now: the kernel is busy, say, or the app has no such option.
  async #requestSession() {
    const headers = this.#session ? { "Bokeh-Session-Id": this.#session } : {};
    const url = this.#helpers.resolveUrl(`${urlPath}/token${location.search}`);
    const response = await fetch(url, { headers, cache: "no-store" });
    const body = await response.text();
    if (response.ok) return JSON.parse(body);
    if (response.status === 400) this.#showMessage(JSON.parse(body).problem);
    if (response.status === 503) this.#showMessage(WAITING_TEXT);
    return null;
  }

  // Returns false if the document waits for the page to load more scripts.
  async #openDocument({ token, parts }) {
    await this.#helpers.loadBokeh(this.parts);
    if (parts.length) await (await import("./extensions.js")).loadParts(parts, this.#helpers);
    const { createElement } = this.#helpers;
    const container = createElement("div", "plot-content");
    const wrapper = createElement("div", "drawing offscreen", container);
    // BokehJS reuses a connection for the same address, even a closed one, and adds the page's query
    const url = new URL(`${urlPath}/socket/${this.#openCount += 1}`, location);
    url.protocol = url.protocol.replace("http", "ws");
    frame.append(wrapper);
    const drawing = { wrapper, isLost: false, bokeh: null };
    try {
      await Bokeh.embed.add_document_from_session(url.href, token, container);
      drawing.bokeh = Bokeh.documents.at(-1);
    } catch (error) {
      wrapper.remove();
      throw error;
    }
    this.#session = readSessionId(token);
    if (drawing.bokeh.get_model_by_name(STATE_MODEL_NAME)?.tags[1] === WAITING_STATE) {
      // BokehJS reports the end of the connection as an event, here as for the next document
      drawing.bokeh.on_event("connection_lost", () => removeDocument(drawing));
      return false;
    }
    drawing.bokeh.on_event("connection_lost", () => this.#handleLost(drawing));
    const onDocumentChange = () => updateRowHeights(container, drawing.bokeh.roots());
    drawing.bokeh.on_change(onDocumentChange);
    onDocumentChange();
    const former = this.#current;
    this.#current = drawing;
    wrapper.classList.remove("offscreen");
    if (former) removeDocument(former);
    for (const root of container.children) this.#helpers.watchWidth(root);
    this.#showMessage("");
    const title = drawing.bokeh.title();
    if (title !== DEFAULT_TITLE) this.#helpers.updateTitle(title);
    this.#watchDocument(drawing);
    frame.dataset.openCount = this.#openCount;
    return true;
  }

  #handleLost(drawing) {
    if (drawing.isLost) return;
    drawing.isLost = true;
    if (drawing === this.#current) this.#scheduleOpen();
  }

  // Keeps the address bar up to date, so that a colleague who opens the address sees the same.
  #watchDocument({ bokeh }) {
    const stateModel = bokeh.get_model_by_name(STATE_MODEL_NAME);
    if (!stateModel) return;
    const listRanges = () => new Map(
      [...bokeh._all_models].filter(([, model]) => "have_updated_interactively" in model),
    );
    let knownRanges = listRanges();
    const handleTags = () => {
      const [query, state, moved] = stateModel.tags;
      for (const [now, then] of moved) keepRange(knownRanges.get(then), bokeh.get_model_by_id(now));
      knownRanges = listRanges();
      const address = query ? `?${query}` : location.pathname;
      if (!state && location.search !== (query ? `?${query}` : "")) {
        history.replaceState(null, "", address + location.hash);
      }
      frame.hidden = state === "nothing";
      this.#showMessage(state ? FAILED_TEXT : "");
    };
    stateModel.properties.tags.change.connect(handleTags);
    handleTags();
  }
}

function removeDocument({ bokeh, wrapper }) {
  bokeh.views_manager?.clear();
  bokeh.clear({ sync: false });
  const index = Bokeh.documents.indexOf(bokeh);
  if (index >= 0) Bokeh.documents.splice(index, 1);
  wrapper.remove();
}

// Keeps the viewer's zoom when a plot was redrawn.
function keepRange(former, range) {
  if (!former?.have_updated_interactively || !range) return;
  range.setv({ start: former.start, end: former.end });
  range.have_updated_interactively = true;
}

function readSessionId(token) {
  const payload = token.split(".")[0].replace(/_/g, "/").replace(/-/g, "+");
  return JSON.parse(atob(payload.padEnd(Math.ceil(payload.length / 4) * 4, "="))).session_id;
}
