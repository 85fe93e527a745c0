// Lists the tools of the menus: those of a card, of the page, of an app, and of its page.

import { downloadData } from "./data_download.mjs";
import { enterFullScreen, leaveFullScreen } from "./full_screen.mjs";
import { openMenu } from "./menu.mjs";
import { copyAppLink, copyPageLink } from "./page_link.mjs";
import { copyPicture, saveLargePicture, savePicture } from "./picture_tools.mjs";
import { copyPlotLink, copyViewLink } from "./plot_links.mjs";
import { openView } from "./plot_view.mjs";
import { pointAtPlot } from "./point_tool.mjs";
import { printPage } from "./print_tool.mjs";
import { showWall } from "./show_wall.mjs";
import { Wall } from "./wall.mjs";

/**
 * @import { AppCard } from "./app_card.mjs"
 * @import { Card } from "./card.mjs"
 * @import { PlotsPage } from "./plots_page.mjs"
 * @import { Tool } from "./tool_menu.mjs"
 */

/** @type {Tool<Card>[]} In the order of the menu. */
const cardTools = [
  enterFullScreen, leaveFullScreen, downloadData, savePicture, saveLargePicture, copyPicture, copyPlotLink, copyViewLink,
  pointAtPlot,
];

/** @type {Tool<AppCard>[]} In the order of the menu. */
const appTools = [enterFullScreen, leaveFullScreen, downloadData, savePicture, saveLargePicture, copyPicture];

/** @type {Tool<PlotsPage>[]} In the order of the menu. */
const pageTools = [showWall, copyPageLink, printPage];

/** @type {Tool<AppCard>[]} In the order of the menu. */
const appPageTools = [copyAppLink, printPage];

export const tools = { cardTools, appTools, pageTools, appPageTools, openMenu, openView, Wall };
