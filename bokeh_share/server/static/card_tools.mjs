// Lists the tools of the menus: those of a card, and those of the page.

import { openMenu } from "./menu.mjs";
import { copyPageLink } from "./page_link.mjs";
import { showWall } from "./show_wall.mjs";
import { Wall } from "./wall.mjs";

/**
 * @import { Card } from "./card.mjs"
 * @import { PlotsPage } from "./plots_page.mjs"
 * @import { Tool } from "./tool_menu.mjs"
 */

/** @type {Tool<Card>[]} In the order of the menu. */
const cardTools = [];

/** @type {Tool<PlotsPage>[]} In the order of the menu. */
const pageTools = [showWall, copyPageLink];

export const tools = { cardTools, pageTools, openMenu, Wall };
