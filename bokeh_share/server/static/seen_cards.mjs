// Tracks the cards in view, and those that changed since the viewer looked at them.

/** @import { Card } from "./card.mjs" */

// A card counts as seen after it was in view for so many milliseconds.
const LOOK_TIME = 1000;
const THRESHOLDS = [0, 0.25, 0.5, 0.75, 1];

export class SeenCards {
  /** @type {Map<Element, Card>} */
  #cards = new Map();
  /** @type {Set<Card>} */
  #inView = new Set();
  /** @type {Set<Card>} */
  #changed = new Set();
  /** @type {Map<Card, ReturnType<typeof setTimeout>>} */
  #timers = new Map();
  #onChange;
  #observer = new IntersectionObserver((entries) => this.#handleEntries(entries), { threshold: THRESHOLDS });

  /** @param {() => void} onChange called when the cards in view, or those with unseen changes, are others */
  constructor(onChange) {
    this.#onChange = onChange;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) for (const card of this.#changed) this.#startTimer(card);
    });
  }

  /** @param {Card[]} cards that are on the page now */
  update(cards) {
    const staying = new Set(cards);
    for (const [section, card] of this.#cards) if (!staying.has(card)) this.#forget(section, card);
    for (const card of cards) {
      if (this.#cards.has(card.section)) continue;
      this.#cards.set(card.section, card);
      this.#observer.observe(card.section);
    }
  }

  /** @param {Card} card */
  isInView(card) {
    return this.#inView.has(card);
  }

  /** @param {Card} card */
  hasUnseenChange(card) {
    return this.#changed.has(card);
  }

  get unseenCount() {
    return this.#changed.size;
  }

  /** @param {Card} card that changed */
  markChange(card) {
    if (!this.#cards.has(card.section) || this.#isLookedAt(card)) return;
    this.#changed.add(card);
    this.#onChange();
  }

  /** @param {Card} card */
  #isLookedAt(card) {
    return this.#inView.has(card) && !document.hidden;
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #handleEntries(entries) {
    for (const { target, isIntersecting, intersectionRatio, intersectionRect } of entries) {
      const card = this.#cards.get(target);
      if (!card) continue;
      // half of the card, or as much of it as half of the window
      const isEnough = intersectionRatio >= 0.5 || intersectionRect.height >= innerHeight / 2;
      if (isIntersecting && isEnough) this.#inView.add(card);
      else this.#inView.delete(card);
      this.#startTimer(card);
    }
    this.#onChange();
  }

  /** @param {Card} card */
  #startTimer(card) {
    clearTimeout(this.#timers.get(card));
    this.#timers.delete(card);
    if (!this.#changed.has(card) || !this.#isLookedAt(card)) return;
    this.#timers.set(card, setTimeout(() => {
      this.#timers.delete(card);
      if (this.#isLookedAt(card) && this.#changed.delete(card)) this.#onChange();
    }, LOOK_TIME));
  }

  /**
   * @param {Element} section
   * @param {Card} card
   */
  #forget(section, card) {
    this.#observer.unobserve(section);
    this.#cards.delete(section);
    this.#inView.delete(card);
    this.#changed.delete(card);
    clearTimeout(this.#timers.get(card));
    this.#timers.delete(card);
  }
}
