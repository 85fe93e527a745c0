// Shows the button of a menu, and runs the tool that the viewer chooses; both are loaded at the first use.

import { createElement, setText } from "./dom.mjs";

/**
 * @import { PlotBox } from "./messages.mjs"
 * @import { Tools } from "./tool_loader.mjs"
 * @import { Undrawn } from "./drawings.mjs"
 * @import { MediaDrawing } from "./media_drawing.mjs"
 */

/**
 * The parts of a card that tools use: the card of a plot, or that of an app on its page.
 * @typedef {{ section: HTMLElement, frame: HTMLElement, heading: string, box: PlotBox, canDownload: boolean,
 *   canPoint: boolean, drawing: { bokeh: BokehJS.Document } | MediaDrawing | null,
 *   undrawn: Undrawn | null }} ToolTarget
 */

/**
 * An item of a menu, for its target: a card, or the page. A text that `run` returns is shown to the viewer.
 * @template Target
 * @typedef {{ id: string, label: string, isAvailable(target: Target): boolean,
 *   run(target: Target): Promise<string | void> | void }} Tool
 */

const STATUS_DURATION = 10_000;
const LOADING_FAILED = "The menu could not be loaded. The author’s computer may be away; try again later.";

/** @template Target */
export class ToolMenu {
  #button = createElement("button", "menu-button");
  element = createElement("div", "tool-menu", this.#button);
  status = createElement("p", "menu-status");
  #target;
  #loadTools;
  #listTools;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Target} target
   * @param {() => Promise<Tools>} loadTools
   * @param {(tools: Tools) => Tool<Target>[]} listTools
   */
  constructor(target, loadTools, listTools) {
    this.#target = target;
    this.#loadTools = loadTools;
    this.#listTools = listTools;
    this.#button.type = "button";
    this.#button.setAttribute("aria-haspopup", "menu");
    this.#button.setAttribute("aria-expanded", "false");
    this.#button.addEventListener("click", () => this.#open("first"));
    this.#button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      this.#open(event.key === "ArrowDown" ? "first" : "last");
    });
  }

  /** @param {string} label for screen readers, which hear it for each card */
  setLabel(label) {
    this.#button.setAttribute("aria-label", label);
    this.#button.title = label;
  }

  /**
   * @param {string} text
   * @param {number} duration in milliseconds; Infinity until the viewer uses the menu
   */
  showStatus(text, duration = STATUS_DURATION) {
    clearTimeout(this.#timer);
    setText(this.status, text);
    if (text && duration < Infinity) this.#timer = setTimeout(() => this.showStatus(""), duration);
  }

  /** @param {"first" | "last"} focused the item that has the focus then */
  async #open(focused) {
    // before it has a text, since screen readers read changes only
    this.status.setAttribute("role", "status");
    this.showStatus("");
    try {
      const tools = await this.#loadTools();
      const available = this.#listTools(tools).filter((tool) => tool.isAvailable(this.#target));
      const items = available.map((tool) => ({ label: tool.label, run: () => this.#run(tool) }));
      tools.openMenu(this.#button, items, focused);
    } catch (error) {
      console.warn("the menu could not be opened:", error);
      this.showStatus(LOADING_FAILED);
    }
  }

  /** @param {Tool<Target>} tool */
  async #run(tool) {
    this.showStatus("");
    try {
      this.showStatus(await tool.run(this.#target) ?? "");
    } catch (error) {
      console.warn(`"${tool.label}" failed:`, error);
      this.showStatus(`“${tool.label}” failed: ${error instanceof Error ? error.message : error}`);
    }
  }
}
