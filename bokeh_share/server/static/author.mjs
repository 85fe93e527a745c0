// The author's own page: a bar, a panel, controls at each plot, and what the author presents.

import { AuthorBar } from "./author_bar.mjs";
import { AuthorCommands } from "./author_commands.mjs";
import { AuthorPanel } from "./author_panel.mjs";
import { CardControls } from "./card_controls.mjs";
import { copyText } from "./clipboard.mjs";
import { moveRange } from "./models.mjs";
import { PinEditor } from "./pin_editor.mjs";
import { Presenter } from "./presenter.mjs";
import { findSpot } from "./spots.mjs";
import { TitleEditor } from "./title_editor.mjs";

/**
 * @import { AnswerMessage, AuthorMessage, AuthorRequest, PageMessage, PinsMessage, PointedEntry } from "./messages.mjs"
 * @import { ControlledCard } from "./card_controls.mjs"
 * @import { PresentedCard } from "./presenter.mjs"
 */

export class AuthorSide {
  #commands;
  #panel;
  #bar;
  #controls;
  #presenter;
  #link = "";
  /** @type {[left: number, top: number] | null} The place of the author's pointer in the window. */
  #pointer = null;

  /**
   * @param {(message: AuthorRequest) => void} send
   * @param {() => (ControlledCard & PresentedCard)[]} listCards in the page's order
   */
  constructor(send, listCards) {
    this.#commands = new AuthorCommands(send, (text) => this.#bar.showStatus(`The change ${text}.`), moveTo);
    const run = (/** @type {string} */ name, options = {}) => this.#run(name, options);
    this.#panel = new AuthorPanel(run, (pointed) => lookAt(pointed, listCards()),
      (plotId) => listCards().find((card) => card.plotId === plotId)?.heading ?? "");
    this.#bar = new AuthorBar(run, this.#panel.element, () => this.#copyLink());
    this.#controls = new CardControls(run, listCards);
    this.#presenter = new Presenter(send, listCards, () => this.#pointer && findSpot(...this.#pointer, listCards()));
    new PinEditor(run, listCards);
    new TitleEditor(run);
    document.body.prepend(this.#bar.element, this.#panel.element);
    document.addEventListener("pointermove", ({ clientX, clientY }) => { this.#pointer = [clientX, clientY]; });
    document.documentElement.addEventListener("pointerleave", () => { this.#pointer = null; });
  }

  /** @param {AuthorMessage | AnswerMessage | PinsMessage | PageMessage} message */
  handle(message) {
    if (message.kind === "answer") this.#commands.handleAnswer(message);
    else if (message.kind === "pins") this.#panel.updatePins(message.pins);
    else if (message.kind === "page") this.#handlePage(message);
    else this.#handleState(message);
  }

  // The server has forgotten that the former connection presented.
  handleOpen() {
    this.#commands.handleClose();
    this.#presenter.stop();
    this.#panel.updatePins([]);
  }

  /** @param {PageMessage} message */
  #handlePage({ paused, pointing }) {
    this.#bar.showPaused(paused !== null);
    this.#panel.updatePointing(pointing);
    this.#controls.update();
  }

  /** @param {AuthorMessage} state */
  #handleState(state) {
    this.#link = state.link;
    this.#bar.update(state);
    this.#panel.update(state);
    if (state.presenting === "here") this.#presenter.start();
    else this.#presenter.stop();
  }

  /**
   * @param {string} name
   * @param {Record<string, unknown>} options
   */
  async #run(name, options) {
    try {
      await this.#commands.run(name, options);
    } catch (error) {
      this.#bar.showStatus(error instanceof Error ? error.message : `${error}`);
    }
  }

  async #copyLink() {
    const url = new URL(this.#link, location.href).href;
    const isCopied = await copyText(url, document.body);
    this.#bar.showStatus(isCopied ? "The link for viewers is copied." : `The link for viewers is: ${url}`);
  }
}

/**
 * Shows the author what a viewer points at.
 * @param {PointedEntry} pointed
 * @param {PresentedCard[]} cards
 */
function lookAt({ plot, figure, source, indices, x, y }, cards) {
  const card = cards.find(({ plotId }) => plotId === plot);
  const bokeh = card?.drawing?.bokeh;
  card?.section.scrollIntoView({ block: "center" });
  const model = bokeh?.get_model_by_id(figure);
  if (!model) return;
  moveRange(model.x_range, { start: x[0], end: x[1] }, true);
  moveRange(model.y_range, { start: y[0], end: y[1] }, true);
  const selected = source === null ? null : bokeh?.get_model_by_id(source)?.selected;
  selected?.setv({ indices: [...indices] });
}

/** @param {string} url relative to this page */
function moveTo(url) {
  location.replace(new URL(url, location.href));
}
