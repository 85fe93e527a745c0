// Copies links to a plot, and to the view of it that the viewer has now.

import { copyText } from "./clipboard.mjs";
import { buildPageUrl, canBePassedOn, describeCopied } from "./page_link.mjs";
import { buildPlotFragment, buildViewFragment } from "./plot_fragment.mjs";
import { readView } from "./plot_view.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { Tool } from "./tool_menu.mjs"
 */

/** @type {Tool<Card>} */
export const copyPlotLink = {
  id: "copy-plot-link",
  label: "Copy link to this plot",
  isAvailable: () => canBePassedOn(location),
  run: ({ section, names }) => copyUrl(section, buildPlotFragment(names)),
};

// The server never sees the view: browsers keep the fragment of an address to themselves.
/** @type {Tool<Card>} */
export const copyViewLink = {
  id: "copy-view-link",
  label: "Copy link to this view",
  isAvailable: ({ drawing }) => Boolean(drawing?.bokeh) && canBePassedOn(location),
  run: ({ section, names, drawing }) => {
    return copyUrl(section, buildViewFragment(names, drawing?.bokeh ? readView(drawing.bokeh) : []));
  },
};

/**
 * @param {HTMLElement} section
 * @param {string} fragment
 */
async function copyUrl(section, fragment) {
  const url = buildPageUrl(location);
  url.hash = fragment;
  return describeCopied(await copyText(url.href, section), url);
}
