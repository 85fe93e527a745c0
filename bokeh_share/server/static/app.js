// The document that this viewer has of an app: opened with what the address says, opened again when the
// connection was lost, and swapped for another when there is another version. Nothing is cleared before
// what follows is drawn.

const name = document.documentElement.dataset.app;
const HOLDER = "bokeh_share";
const UNTITLED = "Bokeh Application";
const WAITS = "waiting";
const FIRST_DELAY = 500;
const LONGEST_DELAY = 10_000;
const FAILED = "The app failed for this choice. Its author has been told.";
const GONE = "This app is not shared any more.";
const WAITING = "Waiting for the author’s kernel, which runs a cell…";
const COMING = "The app is on its way. It is large, or others are sent theirs first…";
const PATIENCE = 5000;

const frame = document.querySelector(".app .plot");
const trouble = document.querySelector(".app .trouble");

const path = encodeURIComponent(name);

export class App {
  // An author's callbacks may add a model of any kind later.
  parts = ["widgets", "tables", "gl", "mathjax"];
  #state = "connecting";
  #session = null;
  #opening = false;
  #delay = FIRST_DELAY;
  #timer = null;
  #shown = null;
  #times = 0;
  #tools;
  // when it was shared last
  changed = 0;

  constructor(tools) {
    this.#tools = tools;
  }

  // Where this is, seen from the share's link.
  get address() {
    return path + location.search;
  }

  // How the share is: whether it makes sense to ask.
  look(state) {
    const former = this.#state;
    this.#state = state;
    if (this.#isOpen || state === former) return;
    if (state === "busy") this.#say(WAITING);
    else this.#openSoon(0);
  }

  tellOf(apps) {
    const listed = apps.find((each) => each.name === name);
    const known = this.changed;
    this.changed = listed?.changed ?? 0;
    if (!listed) this.#say(GONE);
    else if (known !== this.changed && !this.#isOpen) this.#openSoon(0);
  }

  // The connection to the share was found dead, so this one may be.
  suspect() {
    if (this.#shown) this.#lost(this.#shown);
  }

  #say(text) {
    this.#tools.setText(trouble, text);
    trouble.hidden = !text;
  }

  get #isOpen() {
    return this.#shown !== null && !this.#shown.lost;
  }

  get #canOpen() {
    return ["live", "paused", "busy"].includes(this.#state);
  }

  #openSoon(delay = this.#delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), delay);
  }

  async #open() {
    if (this.#opening || this.#isOpen || !this.#canOpen) return;
    this.#opening = true;
    // one who is too slow while others wait is cut off, and asks again here
    const coming = setTimeout(() => { if (trouble.hidden) this.#say(COMING); }, PATIENCE);
    try {
      // a document that waits for its page to load more is opened once more
      for (let time = 0; time < 2; time += 1) {
        const answer = await this.#ask();
        if (answer === null) break;
        if (!await this.#show(answer)) continue;
        this.#delay = FIRST_DELAY;
        return;
      }
    } catch (error) {
      console.warn("the app could not be opened:", error);
      if (error.isForViewers) this.#say(error.message);
    } finally {
      clearTimeout(coming);
      this.#opening = false;
    }
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
    this.#openSoon();
  }

  // null for now: when the kernel is busy, say, or as long as the app has no such option
  async #ask() {
    const headers = this.#session ? { "Bokeh-Session-Id": this.#session } : {};
    const response = await fetch(this.#tools.addressOf(`${path}/token${location.search}`), { headers, cache: "no-store" });
    const body = await response.text();
    if (response.ok) return JSON.parse(body);
    if (response.status === 400) this.#say(JSON.parse(body).problem);
    if (response.status === 503) this.#say(WAITING);
    return null;
  }

  // Whether the document is there, and does not wait for its page to load more.
  async #show({ token, parts }) {
    await this.#tools.loadBokeh(this.parts);
    if (parts.length) await (await import("./extensions.js")).loadParts(parts, this.#tools);
    const { element } = this.#tools;
    const paper = element("div", "paper");
    const slot = element("div", "slot staged", paper);
    // BokehJS gives what it has got from an address once, dead or alive, and adds its page's query
    const url = new URL(`${path}/socket/${this.#times += 1}`, location);
    url.protocol = url.protocol.replace("http", "ws");
    frame.append(slot);
    const shown = { slot, lost: false, bokeh: null };
    try {
      await Bokeh.embed.add_document_from_session(url.href, token, paper);
      shown.bokeh = Bokeh.documents.at(-1);
    } catch (error) {
      slot.remove();
      throw error;
    }
    this.#session = sessionOf(token);
    if (shown.bokeh.get_model_by_name(HOLDER)?.tags[1] === WAITS) {
      // BokehJS asks it what to do when its connection ends, as it does with the next
      shown.bokeh.on_event("connection_lost", () => remove(shown));
      return false;
    }
    shown.bokeh.on_event("connection_lost", () => this.#lost(shown));
    const dress = () => giveHeight(paper, shown.bokeh.roots());
    shown.bokeh.on_change(dress);
    dress();
    const former = this.#shown;
    this.#shown = shown;
    slot.classList.remove("staged");
    if (former) remove(former);
    for (const root of paper.children) this.#tools.watchWidth(root);
    this.#say("");
    const title = shown.bokeh.title();
    if (title !== UNTITLED) this.#tools.retitle(title);
    this.#follow(shown);
    frame.dataset.opened = this.#times;
    return true;
  }

  #lost(shown) {
    if (shown.lost) return;
    shown.lost = true;
    if (shown === this.#shown) this.#openSoon();
  }

  // What a colleague gets who is sent the address is what this viewer sees.
  #follow({ bokeh }) {
    const holder = bokeh.get_model_by_name(HOLDER);
    if (!holder) return;
    const rangesOf = () => new Map([...bokeh._all_models].filter(([, model]) => "have_updated_interactively" in model));
    let known = rangesOf();
    const tell = () => {
      const [query, state, moved] = holder.tags;
      for (const [now, then] of moved) keepPlace(known.get(then), bokeh.get_model_by_id(now));
      known = rangesOf();
      const address = query ? `?${query}` : location.pathname;
      if (!state && location.search !== (query ? `?${query}` : "")) {
        history.replaceState(null, "", address + location.hash);
      }
      frame.hidden = state === "nothing";
      this.#say(state ? FAILED : "");
    };
    holder.properties.tags.change.connect(tell);
    tell();
  }
}

function remove({ bokeh, slot }) {
  bokeh.views_manager?.clear();
  bokeh.clear({ sync: false });
  const index = Bokeh.documents.indexOf(bokeh);
  if (index >= 0) Bokeh.documents.splice(index, 1);
  slot.remove();
}

// Where a plot had to be drawn anew, the viewer stays where they zoomed to.
function keepPlace(former, range) {
  if (!former?.have_updated_interactively || !range) return;
  range.setv({ start: former.start, end: former.end });
  range.have_updated_interactively = true;
}

function sessionOf(token) {
  const payload = token.split(".")[0].replace(/_/g, "/").replace(/-/g, "+");
  return JSON.parse(atob(payload.padEnd(Math.ceil(payload.length / 4) * 4, "="))).session_id;
}
