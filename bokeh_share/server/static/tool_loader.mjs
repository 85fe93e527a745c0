// Loads the tools of the menus at their first use: most viewers never need them.

/** @typedef {typeof import("./card_tools.mjs").tools} Tools */

const SCRIPT = "./card_tools.js";

// A saved page cannot import a script, and has the tools in its own.
export class ToolLoader {
  /** @type {Promise<Tools> | null} */
  #loading = null;
  #failureCount = 0;

  /** @returns {Promise<Tools>} */
  load() {
    this.#loading ??= this.#import();
    return this.#loading;
  }

  async #import() {
    try {
      // a browser keeps the failure of an address, so the next attempt needs another one
      const { tools } = await import(this.#failureCount ? `${SCRIPT}?${this.#failureCount}` : SCRIPT);
      return tools;
    } catch (error) {
      this.#failureCount += 1;
      this.#loading = null;
      throw error;
    }
  }
}
