// Shows the people on the page and the settings of the share, for the author.

import { createElement, setText } from "./dom.mjs";

/**
 * @import { AuthorMessage, Pin, PointedEntry, ViewerEntry } from "./messages.mjs"
 * @typedef {(name: string, options?: Record<string, unknown>) => void} RunCommand
 */

const SEND_AWAY_NOTE = "Sending a page away closes it. To keep a person out, make a new link or set a password.";
const NEW_LINK_QUESTION = "Make a new link? The old one stops working, and open pages close.";
const NOT_POINTING = "Nobody shows you a point.";
const POINTING_OFF = "Viewers cannot show you points. %bokeh_share --pointing lets them.";
const STOP_QUESTION = "Stop sharing? Open pages keep their last state and say that sharing ended.";

export class AuthorPanel {
  #run;
  #onLook;
  #viewers = createElement("ul", "author-viewers");
  #dropped = createElement("ul", "author-dropped");
  #pins = createElement("ul", "author-pins");
  #pointed = createElement("ul", "author-pointed");
  #password = createElement("input", "author-input");
  #passwordLabel = createElement("span", "");
  #relay = createNote("");
  #canPoint = false;
  element = createElement("section", "author-panel");

  #nameOf;

  /**
   * @param {RunCommand} run
   * @param {(pointed: PointedEntry) => void} onLook called with what the author wants to see
   * @param {(plotId: string) => string} nameOf returns the name of a plot
   */
  constructor(run, onLook, nameOf) {
    this.#nameOf = nameOf;
    this.#run = run;
    this.#onLook = onLook;
    this.element.hidden = true;
    this.element.id = "author-panel";
    this.element.setAttribute("aria-label", "The share");
    this.#password.type = "password";
    this.#password.autocomplete = "new-password";
    this.element.append(
      createElement("div", "author-group", createHeading("People on the page"), this.#viewers, this.#relay, createNote(SEND_AWAY_NOTE)),
      createElement("div", "author-group",
        createHeading("The link"),
        this.#createForm(this.#passwordLabel, this.#password, "Set", () => this.#setPassword()),
        createElement("div", "author-actions",
          createButton("Make a new link…", () => this.#ask(NEW_LINK_QUESTION, "replace_link")),
          createButton("Stop sharing…", () => this.#ask(STOP_QUESTION, "stop")))),
      createElement("div", "author-group", createHeading("Dropped plots"), this.#dropped),
      createElement("div", "author-group", createHeading("Pins"), this.#pins),
      createElement("div", "author-group", createHeading("Where viewers look"), this.#pointed),
    );
  }

  /** @param {AuthorMessage} state */
  update(state) {
    const audiences = new Map(state.links.map(({ url, audience }) => [readHost(url), audience]));
    fill(this.#viewers, state.viewers, "Nobody is on the page.", (viewer) => {
      const text = describeViewer(viewer, audiences);
      const sendAway = createButton("Send away", () => this.#run("send_away", { viewer: viewer.viewer }), text);
      return [`${viewer.viewer}`, text, sendAway];
    });
    setText(this.#relay, state.relay);
    this.#relay.hidden = !state.relay;
    fill(this.#dropped, state.dropped, "No plot was dropped.", ({ item, label }) => {
      return [item, label, createButton("Bring back", () => this.#run("restore", { name: item }), label)];
    });
    fill(this.#pointed, state.pointed, this.#canPoint ? NOT_POINTING : POINTING_OFF, (pointed) => {
      const text = describePointed(pointed, this.#nameOf(pointed.plot));
      return [`${pointed.at}`, text, createButton("Look", () => this.#onLook(pointed), text)];
    });
    setText(this.#passwordLabel, state.password ? "New password" : "Password");
    this.#password.disabled = !state.token;
  }

  /** @param {boolean} canPoint */
  updatePointing(canPoint) {
    this.#canPoint = canPoint;
    const note = this.#pointed.querySelector(".author-empty");
    if (note) setText(note, canPoint ? NOT_POINTING : POINTING_OFF);
  }

  /** @param {Pin[]} pins */
  updatePins(pins) {
    fill(this.#pins, pins, "Double-click on a plot to put a pin there.", ({ pin, text }) => {
      return [`${pin}`, text, createButton("Take away", () => this.#run("unpin", { pin }), text)];
    });
  }

  #setPassword() {
    this.#run("set_password", { password: this.#password.value });
    this.#password.value = "";
  }

  /**
   * @param {string} question
   * @param {string} command
   */
  #ask(question, command) {
    if (confirm(question)) this.#run(command);
  }

  /**
   * @param {HTMLElement} label
   * @param {HTMLInputElement} input
   * @param {string} action
   * @param {() => void} onSubmit
   */
  #createForm(label, input, action, onSubmit) {
    const button = createElement("button", "author-button", action);
    const form = createElement("form", "author-form", createElement("label", "", label, input), button);
    input.required = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      onSubmit();
    });
    return form;
  }
}

/**
 * @param {ViewerEntry} viewer
 * @param {Map<string, string>} audiences of the share's links, by their hosts
 * @param {Date} now
 */
export function describeViewer({ since, host, slow, app }, audiences, now = new Date()) {
  const start = new Date(since);
  const isToday = start.toDateString() === now.toDateString();
  const time = start.toLocaleString([], isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
  const link = audiences.get(host) ?? host;
  return [`since ${time}`, link, app ? "an app" : "", slow ? "slow connection" : ""].filter(Boolean).join(" · ");
}

/**
 * @param {{ name: string, indices: number[] }} pointed the name is what a viewer typed
 * @param {string} plot
 */
export function describePointed({ name, indices }, plot) {
  const points = indices.length === 0 ? "a part" : indices.length === 1 ? "1 point" : `${indices.length} points`;
  return `${name || "A viewer"}: ${points} of ${plot || "a plot"}`;
}

/** @param {string} url a path, if the share is behind the notebook's server */
function readHost(url) {
  return new URL(url, location.href).host;
}

/**
 * @template Item
 * @param {HTMLElement} list
 * @param {Item[]} items
 * @param {string} emptyText
 * @param {(item: Item) => [key: string, text: string, button: HTMLElement]} build
 */
function fill(list, items, emptyText, build) {
  const entries = items.map(build).map(([key, text, button]) => {
    const label = createElement("span", "author-item", text);
    label.dir = "auto";
    const entry = createElement("li", "", label, button);
    entry.dataset.key = `${key} ${text}`;
    return entry;
  });
  // replacing the list would take the focus away from a button in it
  const keys = [...list.children].map((each) => each instanceof HTMLElement ? each.dataset.key : "");
  const isSame = entries.length === keys.length && entries.every(({ dataset }, index) => dataset.key === keys[index]);
  if (isSame && entries.length > 0) return;
  list.replaceChildren(...entries.length > 0 ? entries : [createElement("li", "author-empty", emptyText)]);
}

/** @param {string} text */
const createHeading = (text) => createElement("h2", "author-heading", text);

/** @param {string} text */
const createNote = (text) => createElement("p", "author-note", text);

/**
 * @param {string} text
 * @param {() => void} onPress
 * @param {string} [subject] what it acts on, for screen readers
 */
export function createButton(text, onPress, subject) {
  const button = createElement("button", "author-button", text);
  button.type = "button";
  if (subject) button.setAttribute("aria-label", `${text}: ${subject}`);
  button.addEventListener("click", onPress);
  return button;
}
