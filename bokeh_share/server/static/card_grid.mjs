// Arranges the cards of a wide window in columns.

// As in columns.css, in pixels of the window, and in units of the page's font size.
const MIN_WINDOW_WIDTH = 1500;
const MIN_CONTENTS_WINDOW_WIDTH = 1680;
const CARD_GAP = 1.25;
const CARD_PADDING = 1;
const CONTENTS_WIDTH = 15;
const BORDERS = 2;

const MAX_COLUMNS = 3;
const DEFAULT_FONT_SIZE = 16;

/**
 * @typedef {{ leastWidth: number, startsRow?: boolean }} GridItem the width in pixels that a card needs
 * @typedef {{ fitting: number, columns: number, spans: number[] }} GridLayout how many columns fit into the page, how
 *   many of them are used, and how many each card takes
 */

/**
 * Finds as many columns as half of the cards fit into, so that a further card rarely changes the width of the others.
 * @param {GridItem[]} items in the page's order
 * @param {number} available the page's width in pixels; 0 for a window that is not wide
 * @param {number} gap between columns
 * @returns {GridLayout}
 */
export function arrangeCards(items, available, gap) {
  for (let fitting = MAX_COLUMNS; available > 0 && fitting > 1; fitting -= 1) {
    const step = (available + gap) / fitting;
    const spans = items.map(({ leastWidth }) => Math.min(fitting, Math.max(1, Math.ceil((leastWidth + gap) / step))));
    if (2 * spans.filter((span) => span === 1).length < spans.length) continue;
    const columns = countUsedColumns(items, spans, fitting);
    if (columns > 1) return { fitting, columns, spans };
  }
  return { fitting: 1, columns: 1, spans: items.map(() => 1) };
}

/**
 * @param {GridItem[]} items
 * @param {number[]} spans
 * @param {number} fitting
 */
function countUsedColumns(items, spans, fitting) {
  let [used, end] = [0, 0];
  for (const [index, span] of spans.entries()) {
    const isNewRow = items[index]?.startsRow || end + span > fitting;
    end = isNewRow ? span : end + span;
    used = Math.max(used, end);
  }
  return used;
}

// The columns are as wide with few cards as with many: the space for the contents is left free in both cases.
export class CardGrid {
  #list;
  /** @type {{ section: HTMLElement, width: number, startsRow: boolean }[]} */
  #cards = [];
  #available = 0;
  #fontSize = DEFAULT_FONT_SIZE;

  /** @param {HTMLElement} list of the cards */
  constructor(list) {
    this.#list = list;
    this.#measure();
    addEventListener("resize", () => {
      this.#measure();
      this.#arrange();
    });
  }

  /** @param {{ section: HTMLElement, width: number, startsRow: boolean }[]} cards with the widths of their content */
  update(cards) {
    this.#cards = cards;
    this.#arrange();
  }

  #measure() {
    this.#fontSize = parseFloat(getComputedStyle(document.documentElement).fontSize) || DEFAULT_FONT_SIZE;
    const reserved = innerWidth >= MIN_CONTENTS_WINDOW_WIDTH ? CONTENTS_WIDTH + CARD_GAP : 0;
    const width = document.documentElement.clientWidth - (2 * CARD_GAP + reserved) * this.#fontSize;
    this.#available = innerWidth >= MIN_WINDOW_WIDTH ? width : 0;
  }

  #arrange() {
    const gap = CARD_GAP * this.#fontSize;
    const items = this.#cards.map(({ width, startsRow }) => {
      return { leastWidth: width + 2 * CARD_PADDING * this.#fontSize + BORDERS, startsRow };
    });
    const { fitting, columns, spans } = arrangeCards(items, this.#available, gap);
    document.body.classList.toggle("in-columns", columns > 1);
    // one column is as wide as the card that needs most
    const widest = Math.ceil(Math.max(0, ...items.map(({ leastWidth }) => leastWidth)));
    setProperty(document.body, "--least-width", this.#available > 0 ? `${widest}px` : "");
    setProperty(this.#list, "--fitting-columns", `${fitting}`);
    setProperty(this.#list, "--columns", `${columns}`);
    for (const [index, { section, startsRow }] of this.#cards.entries()) {
      section.classList.toggle("starts-row", startsRow);
      setProperty(section, "--span", `${spans[index]}`);
    }
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {string} value
 */
function setProperty({ style }, name, value) {
  if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
}
