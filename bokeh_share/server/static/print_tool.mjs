// Prints the page after all of its plots are drawn.

/** @import { Tool } from "./tool_menu.mjs" */

/** @type {Tool<{ waitUntilAllDrawn(): Promise<void> }>} */
export const printPage = {
  id: "print",
  label: "Print",
  isAvailable: () => true,
  run: async (page) => {
    await page.waitUntilAllDrawn();
    print();
  },
};
