// Prepares the author's card: Copy buttons, links through Jupyter, the date, and details that stay open.

(() => {
  /** Milliseconds for which a button shows its result. */
  const SAID_FOR = 2500;

  /** True for the details that the author has opened, by their names. An update of the card replaces them.
   * @type {Map<string, boolean>} */
  const openDetails = (/** @type {any} */ (window).bokehShareOpenDetails ??= new Map());

  /** The number of the control with the focus, by card.
   * @type {Map<string, number>} */
  const focusedControls = (/** @type {any} */ (window).bokehShareFocusedControls ??= new Map());

  /** @param {Element} card */
  function keepDetails(card) {
    for (const details of card.querySelectorAll("details")) {
      const name = `${card.getAttribute("data-key")} ${details.dataset.name}`;
      details.hidden = false;
      details.open = openDetails.get(name) ?? false;
      // the card may be updated before a click has become a toggle
      details.querySelector("summary")?.addEventListener("click", () => openDetails.set(name, !details.open));
      details.addEventListener("toggle", () => openDetails.set(name, details.open));
    }
  }

  /** An update of the card removes the element that has the focus; its successor gets the focus.
   * @param {Element} card */
  function keepFocus(card) {
    const name = card.getAttribute("data-key") ?? "";
    /** @type {HTMLElement[]} */
    const controls = [...card.querySelectorAll(/** @type {"a"} */ ("a, button, summary"))];
    const isLost = document.activeElement === document.body;
    if (isLost) controls[focusedControls.get(name) ?? -1]?.focus({ preventScroll: true });
    for (const [index, control] of controls.entries()) {
      control.addEventListener("focus", () => focusedControls.set(name, index));
      control.addEventListener("blur", () => setTimeout(() => {
        const isLeft = card.isConnected && focusedControls.get(name) === index;
        if (isLeft && document.activeElement !== control) focusedControls.delete(name);
      }));
    }
  }

  /** A link through the notebook's server has the host by which the author has opened Jupyter's own page.
   * @param {Element} card */
  function completeLinks(card) {
    if (!document.getElementById("jupyter-config-data")) return;
    /** @type {NodeListOf<HTMLAnchorElement>} */
    const links = card.querySelectorAll("a[data-proxied]");
    for (const link of links) {
      link.href = location.origin + new URL(link.href).pathname;
      if (link.dataset.link) link.textContent = link.href;
    }
  }

  /** Show the time alone for states of today, and the date as well for others. */
  function shortenDates() {
    /** @type {NodeListOf<HTMLTimeElement>} */
    const times = document.querySelectorAll(".bokeh-share-card time");
    for (const time of times) {
      const isToday = new Date(time.dateTime).toDateString() === new Date().toDateString();
      time.textContent = isToday ? time.title.slice(-"12:00".length) : time.title;
    }
  }

  /** Copy `text` by the command that copies a selection. Returns whether the browser allows that.
   * @param {string} text */
  function copySelected(text) {
    /** @param {ClipboardEvent} event */
    const setText = (event) => {
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    document.addEventListener("copy", setText, { capture: true });
    try {
      return document.execCommand("copy");
    } finally {
      document.removeEventListener("copy", setText, { capture: true });
    }
  }

  /** Copy the text of a link. Where the browser does not allow that, the link stays selected.
   * @param {HTMLAnchorElement} link */
  async function copyLink(link) {
    const url = link.protocol.startsWith("http") ? link.href : link.textContent ?? "";
    try {
      await navigator.clipboard.writeText(url); // there is none on plain http, except on localhost
      return true;
    } catch {
      getSelection()?.selectAllChildren(link);
      return copySelected(url);
    }
  }

  /** @param {Element} card
   * @param {HTMLButtonElement} button */
  async function handleCopy(card, button) {
    const link = card.querySelector(`a[data-link="${button.dataset.copies}"]`);
    const status = card.querySelector(".bsc-said");
    if (!(link instanceof HTMLAnchorElement) || !status) return;
    const isCopied = await copyLink(link);
    if (isCopied) getSelection()?.removeAllRanges();
    const keys = navigator.userAgent.includes("Mac") ? "⌘C" : "Ctrl+C";
    button.textContent = isCopied ? "Copied" : `Press ${keys}`;
    status.textContent = isCopied ? "Link copied" : `The link is selected. Press ${keys} to copy it.`;
    setTimeout(() => {
      button.textContent = "Copy";
      status.textContent = "";
    }, SAID_FOR);
  }

  shortenDates();
  // a notebook may stay open for days, and each card brings this script
  if (!(/** @type {any} */ (window).bokehShareFollowsDate)) {
    /** @type {any} */ (window).bokehShareFollowsDate = true;
    document.addEventListener("visibilitychange", shortenDates);
  }
  // not `document.currentScript`, since some front ends run scripts from another place
  for (const card of document.querySelectorAll(".bokeh-share-card:not([data-ready])")) {
    card.setAttribute("data-ready", "");
    keepDetails(card);
    completeLinks(card);
    keepFocus(card);
    /** @type {NodeListOf<HTMLButtonElement>} */
    const buttons = card.querySelectorAll("button[data-copies]");
    for (const button of buttons) {
      button.hidden = false;
      button.addEventListener("click", () => handleCopy(card, button));
    }
  }
})();
