// Lists the tools of the menus: those of a card, and those of the page.

import { downloadData } from "./data_download.mjs";
import { openMenu } from "./menu.mjs";
import { copyPageLink } from "./page_link.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { PlotsPage } from "./plots_page.mjs"
 * @import { Tool } from "./tool_menu.mjs"
 */

/** @type {Tool<Card>[]} In the order of the menu. */
const cardTools = [downloadData];

/** @type {Tool<PlotsPage>[]} In the order of the menu. */
const pageTools = [copyPageLink];

export const tools = { cardTools, pageTools, openMenu };
