// Shows the page's plots on a wall.

/**
 * @import { PlotsPage } from "./plots_page.mjs"
 * @import { Tool } from "./tool_menu.mjs"
 */

/** @type {Tool<PlotsPage>} */
export const showWall = {
  id: "wall",
  label: "Show on a wall (key W, Esc ends)",
  isAvailable: ({ hasPlots }) => hasPlots,
  run: ({ wall }) => wall.enter(),
};
