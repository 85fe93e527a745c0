// Saves a plot as a picture, or copies the picture to the clipboard.

import { buildDownloadName, downloadFile } from "./file_download.mjs";
import { createPicture } from "./picture.mjs";

/** @import { Tool, ToolTarget } from "./tool_menu.mjs" */

/** @type {Tool<ToolTarget>} */
export const savePicture = {
  id: "save-picture",
  label: "Save as PNG",
  isAvailable: ({ drawing }) => drawing !== null,
  run: (card) => save(card, devicePixelRatio),
};

/** @type {Tool<ToolTarget>} */
export const saveLargePicture = {
  id: "save-large-picture",
  label: "Save as PNG, twice as large",
  isAvailable: ({ drawing }) => drawing !== null,
  run: (card) => save(card, devicePixelRatio * 2),
};

/** @type {Tool<ToolTarget>} */
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
 * @param {ToolTarget} card
 * @param {number} ratio
 */
async function save(card, ratio) {
  downloadFile(await createPicture(card, ratio), buildDownloadName([card.heading], ".png"));
}
