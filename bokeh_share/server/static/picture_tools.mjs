// Saves a plot as a picture, or copies the picture to the clipboard.

import { createElement } from "./dom.mjs";
import { createPicture } from "./picture.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { Tool } from "./tool_menu.mjs"
 */

const MAX_NAME_LENGTH = 100;
// Until then, the browser has read the picture.
const KEPT_DURATION = 60_000;

/** @type {Tool<Card>} */
export const savePicture = {
  id: "save-picture",
  label: "Save as PNG",
  isAvailable: ({ drawing }) => drawing !== null,
  run: (card) => save(card, devicePixelRatio),
};

/** @type {Tool<Card>} */
export const saveLargePicture = {
  id: "save-large-picture",
  label: "Save as PNG, twice as large",
  isAvailable: ({ drawing }) => drawing !== null,
  run: (card) => save(card, devicePixelRatio * 2),
};

/** @type {Tool<Card>} */
export const copyPicture = {
  id: "copy-picture",
  label: "Copy as picture",
  // browsers allow it on https and localhost
  isAvailable: ({ drawing }) => drawing !== null && canCopyPictures(),
  run: async (card) => {
    // Safari allows it only at once, before there is a picture
    await navigator.clipboard.write([new ClipboardItem({ "image/png": createPicture(card, devicePixelRatio) })]);
    return "The picture is copied.";
  },
};

const canCopyPictures = () => isSecureContext && "ClipboardItem" in window && "write" in (navigator.clipboard ?? {});

/**
 * @param {Card} card
 * @param {number} ratio
 */
async function save(card, ratio) {
  const url = URL.createObjectURL(await createPicture(card, ratio));
  const link = createElement("a", "");
  link.href = url;
  link.download = `${buildFileName(card.title)}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_DURATION);
}

/**
 * Returns a name that all systems allow.
 * @param {string} title of the plot
 */
export function buildFileName(title) {
  const name = title.replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]+/gu, " ").replace(/\s+/g, " ").trim();
  return [...name].slice(0, MAX_NAME_LENGTH).join("").replace(/^[. ]+|[. ]+$/g, "") || "plot";
}
