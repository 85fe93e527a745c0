// Copies the link of the page, as viewers may pass it on. That of an app has the options that the viewer chose.

import { copyText } from "./clipboard.mjs";

/**
 * @import { AppCard } from "./app_card.mjs"
 * @import { PlotsPage } from "./plots_page.mjs"
 * @import { Tool } from "./tool_menu.mjs"
 */

const OWN_HOSTS = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** @type {Tool<PlotsPage>} */
export const copyPageLink = {
  id: "copy-page-link",
  label: "Copy link to this page",
  isAvailable: () => canBePassedOn(location),
  run: async () => {
    const url = buildPageUrl(location);
    return describeCopied(await copyText(url.href, document.body), url);
  },
};

/** @type {Tool<AppCard>} */
export const copyAppLink = {
  id: "copy-app-link",
  label: "Copy link to this app",
  isAvailable: () => canBePassedOn(location),
  run: async ({ query }) => {
    const url = buildPageUrl(location);
    url.search = query;
    return describeCopied(await copyText(url.href, document.body), url);
  },
};

/**
 * Returns false for a file, and for a page in a frame that has no address.
 * @param {{ protocol: string }} location
 */
export const canBePassedOn = ({ protocol }) => /^https?:$/.test(protocol);

/**
 * Returns the address of the page, without credentials and the query, which may have a token of Jupyter, and without
 * the fragment.
 * @param {{ origin: string, pathname: string }} location
 */
export const buildPageUrl = ({ origin, pathname }) => new URL(pathname, origin);

/**
 * @param {boolean} isCopied
 * @param {URL} url
 */
export function describeCopied(isCopied, url) {
  const limitation = OWN_HOSTS.test(url.hostname)
    ? " It works on this computer only: for other people, open the page by the link that the author sent." : "";
  const result = isCopied ? "The link is copied." : `This browser does not let the page copy. The link is: ${url}`;
  return result + limitation;
}
