// Prints the page after all of its plots are drawn.

/**
 * @import { PlotsPage } from "./plots_page.mjs"
 * @import { Tool } from "./tool_menu.mjs"
 */

/** @type {Tool<PlotsPage>} */
export const printPage = {
  id: "print",
  label: "Print",
  isAvailable: () => true,
  run: async (page) => {
    await page.waitUntilAllDrawn();
    print();
  },
};
