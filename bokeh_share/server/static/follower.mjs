// Shows the view that the author presents, until the viewer touches the page; and their own view again afterwards.

import { readView, openView } from "./plot_view.mjs";
import { readSelection, showPresentedFields } from "./presented_plot.mjs";

/**
 * @import { PresentedField } from "./messages.mjs"
 * @import { PresentedView } from "./presented_view.mjs"
 * @typedef {{ plotId: string, section: HTMLElement, drawing: { bokeh: BokehJS.Document | null } | null }} FollowedCard
 * @typedef {{ fields: [string, string][], selection: PresentedField[] }} OwnView
 * @typedef {"none" | "following" | "away"} FollowState `away` while the viewer looks around during a presentation
 */

export class Follower {
  #listCards;
  #view;
  #onChange;
  /** @type {FollowState} */
  #state = "none";
  /** @type {Map<string, { bokeh: BokehJS.Document, fields: PresentedField[] }>} What each plot shows, by its id. */
  #shown = new Map();
  /** @type {Map<string, OwnView>} The viewer's own view of each plot, by its id. */
  #own = new Map();
  /** @type {Map<string, string>} What each plot showed when the viewer left, as text, by its id. */
  #left = new Map();
  #ownScrollTop = 0;
  /** @type {string | undefined} The plot that was scrolled to last. */
  #shownPlot;

  /**
   * @param {PresentedView} view of the author
   * @param {() => FollowedCard[]} listCards in the page's order
   * @param {(state: FollowState) => void} onChange
   */
  constructor(view, listCards, onChange) {
    this.#view = view;
    this.#listCards = listCards;
    this.#onChange = onChange;
  }

  get state() {
    return this.#state;
  }

  // The author's view has begun, changed or ended.
  handleView() {
    const { isPresenting, isSuspended } = this.#view;
    if (isPresenting && this.#state === "none") this.follow();
    // a viewer who looks around goes on when the presentation does
    else if (!isPresenting && this.#state !== "none" && !(isSuspended && this.#state === "away")) this.#end();
    else this.update();
  }

  // The viewer wants to see what the author shows.
  follow() {
    if (!this.#view.isPresenting || this.#state === "following") return;
    if (this.#state === "none") this.#ownScrollTop = scrollY;
    this.#forgetChanged();
    this.#shown.clear();
    this.#shownPlot = undefined;
    this.#set("following");
    this.update();
  }

  // The viewer wants to look around. They begin at what the author shows.
  leave() {
    if (this.#state !== "following") return;
    for (const { plotId, drawing } of this.#listCards()) {
      if (drawing?.bokeh) this.#left.set(plotId, describeView(drawing.bokeh));
    }
    this.#set("away");
  }

  // Called again and again: plots are drawn, redrawn and changed at any time.
  update() {
    if (this.#state !== "following") return;
    const cards = this.#listCards();
    for (const card of cards) this.#show(card);
    this.#scroll(cards);
  }

  // The changes of a viewer who looks around are their own view from now on.
  #forgetChanged() {
    for (const { plotId, drawing } of this.#listCards()) {
      const left = this.#left.get(plotId);
      if (left !== undefined && drawing?.bokeh && describeView(drawing.bokeh) !== left) this.#own.delete(plotId);
    }
    this.#left.clear();
  }

  /** @param {FollowedCard} card */
  #show({ plotId, drawing }) {
    const fields = this.#view.plots.get(plotId);
    const bokeh = drawing?.bokeh;
    if (!fields || !bokeh) return;
    const shown = this.#shown.get(plotId);
    if (shown?.bokeh === bokeh && shown.fields === fields) return;
    if (!this.#own.has(plotId)) this.#own.set(plotId, { fields: readView(bokeh), selection: readSelection(bokeh) });
    // a plot that is about to change does not fit yet, so it is tried again
    if (showPresentedFields(bokeh, fields)) this.#shown.set(plotId, { bokeh, fields });
  }

  /** @param {FollowedCard[]} cards */
  #scroll(cards) {
    const [first] = this.#view.inView;
    const pointed = this.#view.pointer?.plot;
    const isNewFirst = first !== this.#shownPlot;
    const card = cards.find(({ plotId }) => plotId === (isNewFirst ? first : pointed));
    if (!card) return;
    if (isNewFirst) this.#shownPlot = first;
    // a small window may not have room for all that the author sees
    else if (isInWindow(card.section)) return;
    card.section.scrollIntoView({ block: "start", behavior: "instant" });
  }

  #end() {
    const wasFollowing = this.#state === "following";
    if (!wasFollowing) this.#forgetChanged();
    this.#set("none");
    for (const { plotId, drawing } of this.#listCards()) {
      const own = this.#own.get(plotId);
      if (own && drawing?.bokeh) showOwnView(drawing.bokeh, own);
    }
    if (wasFollowing) scrollTo({ top: this.#ownScrollTop, behavior: "instant" });
    this.#own.clear();
    this.#shown.clear();
  }

  /** @param {FollowState} state */
  #set(state) {
    this.#state = state;
    this.#onChange(state);
  }
}

/** @param {BokehJS.Document} bokeh */
function describeView(bokeh) {
  return JSON.stringify([readView(bokeh), readSelection(bokeh)]);
}

/**
 * @param {BokehJS.Document} bokeh
 * @param {OwnView} own
 */
function showOwnView(bokeh, { fields, selection }) {
  // a plot that was changed meanwhile may have no such view any more
  if (!openView(bokeh, fields)) openView(bokeh, []);
  showPresentedFields(bokeh, selection);
}

/** @param {HTMLElement} section */
function isInWindow(section) {
  const { top, bottom } = section.getBoundingClientRect();
  return Math.min(bottom, innerHeight) - Math.max(top, 0) >= Math.min(bottom - top, innerHeight) / 2;
}
