// Copies the link of the page, as viewers may pass it on.

import { copyText } from "./clipboard.mjs";

/**
 * @import { PlotsPage } from "./plots_page.mjs"
 * @import { Tool } from "./tool_menu.mjs"
 */

/** @type {Tool<PlotsPage>} */
export const copyPageLink = {
  id: "copy-page-link",
  label: "Copy link to this page",
  isAvailable: () => true,
  run: async () => describeCopied(await copyText(buildPageUrl(location).href, document.body), buildPageUrl(location)),
};

/**
 * Returns the address of the page, without the credentials and the fragment that it may have.
 * @param {{ href: string }} location
 */
export function buildPageUrl({ href }) {
  return Object.assign(new URL(href), { username: "", password: "", hash: "" });
}

/**
 * @param {boolean} isCopied
 * @param {URL} url
 */
export const describeCopied = (isCopied, url) => isCopied ? "The link is copied."
  : `This browser does not let the page copy. The link is: ${url}`;
