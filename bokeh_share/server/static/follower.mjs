// Shows the view that the author presents, until the viewer touches the page; and their own view again afterwards.

import { readView, openView } from "./plot_view.mjs";
import { showPresentedFields } from "./presented_plot.mjs";

/**
 * @import { PresentedField } from "./messages.mjs"
 * @import { PresentedView } from "./presented_view.mjs"
 * @typedef {{ plotId: string, section: HTMLElement, drawing: { bokeh: BokehJS.Document } | null }} FollowedCard
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
  /** @type {Map<string, [string, string][]>} The viewer's own view of each plot, by its id. */
  #own = new Map();
  #ownScrollTop = 0;
  #shownInView = "";

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
    const { isPresenting } = this.#view;
    if (isPresenting && this.#state === "none") this.follow();
    else if (!isPresenting && this.#state !== "none") this.#end();
    else this.update();
  }

  // The viewer wants to see what the author shows.
  follow() {
    if (!this.#view.isPresenting || this.#state === "following") return;
    this.#own.clear();
    this.#ownScrollTop = scrollY;
    this.#shown.clear();
    this.#shownInView = "";
    this.#set("following");
    this.update();
  }

  // The viewer wants to look around. They begin at what the author shows.
  leave() {
    if (this.#state === "following") this.#set("away");
  }

  // Called again and again: plots are drawn, redrawn and changed at any time.
  update() {
    if (this.#state !== "following") return;
    const cards = this.#listCards();
    for (const card of cards) this.#show(card);
    this.#scroll(cards);
  }

  /** @param {FollowedCard} card */
  #show({ plotId, drawing }) {
    const fields = this.#view.plots.get(plotId);
    if (!fields || !drawing) return;
    const { bokeh } = drawing;
    const shown = this.#shown.get(plotId);
    if (shown?.bokeh === bokeh && shown.fields === fields) return;
    if (!this.#own.has(plotId)) this.#own.set(plotId, readView(bokeh));
    // a plot that is about to change does not fit yet, so it is tried again
    if (showPresentedFields(bokeh, fields)) this.#shown.set(plotId, { bokeh, fields });
  }

  /** @param {FollowedCard[]} cards */
  #scroll(cards) {
    const inView = this.#view.inView.join(" ");
    if (inView === this.#shownInView) return;
    const first = cards.find(({ plotId }) => plotId === this.#view.inView[0]);
    if (!first) return;
    this.#shownInView = inView;
    first.section.scrollIntoView({ block: "start", behavior: "instant" });
  }

  #end() {
    const wasFollowing = this.#state === "following";
    this.#set("none");
    if (wasFollowing) {
      for (const { plotId, drawing } of this.#listCards()) {
        const own = this.#own.get(plotId);
        if (own && drawing) openView(drawing.bokeh, own);
      }
      scrollTo({ top: this.#ownScrollTop, behavior: "instant" });
    }
    this.#own.clear();
    this.#shown.clear();
  }

  /** @param {FollowState} state */
  #set(state) {
    this.#state = state;
    this.#onChange(state);
  }
}
