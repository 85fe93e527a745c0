// Lets the author edit the title of the page in its place.

import { createButton } from "./author_panel.mjs";
import { createElement, findElement } from "./dom.mjs";

/** @import { RunCommand } from "./author_panel.mjs" */

const MAX_TITLE_LENGTH = 300;

export class TitleEditor {
  #run;
  #heading = findElement(".page-header h1");
  #button = createButton("Edit title", () => this.#open());

  /** @param {RunCommand} run */
  constructor(run) {
    this.#run = run;
    this.#button.classList.add("title-button");
    this.#heading.after(this.#button);
    this.#heading.addEventListener("dblclick", () => this.#open());
  }

  #open() {
    if (this.#button.hidden) return;
    const field = createElement("input", "author-input");
    field.value = this.#heading.textContent ?? "";
    field.maxLength = MAX_TITLE_LENGTH;
    field.required = true;
    field.dir = "auto";
    field.setAttribute("aria-label", "Title");
    const close = () => {
      form.remove();
      this.#heading.classList.remove("visually-hidden");
      this.#button.hidden = false;
      this.#button.focus();
    };
    const form = createElement("form", "title-form", field, createElement("button", "author-button", "Save"),
      createButton("Cancel", close));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#run("set_title", { title: field.value });
      close();
    });
    form.addEventListener("keydown", ({ key }) => { if (key === "Escape") close(); });
    this.#heading.classList.add("visually-hidden"); // a page has a heading
    this.#button.hidden = true;
    this.#heading.after(form);
    field.select();
  }
}
