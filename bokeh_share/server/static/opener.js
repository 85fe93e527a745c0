// Prevents pages that a plot opens, and the page that opened this one, from navigating this tab elsewhere.

"use strict";

// It could lead to a copy that asks for a password. The header Cross-Origin-Opener-Policy does the same, but
// browsers ignore it on plain http, and a file has no headers.

window.opener = null;

const openWindow = window.open;

// for OpenURL, HelpTool and CustomJS, which receive the window that they open
window.open = (...args) => {
  const opened = openWindow.apply(window, args);
  try {
    if (opened) opened.opener = null;
  } catch {
    // the window was open already, and shows another origin now
  }
  return opened;
};

// for links in markup, which may have rel="opener" or a target other than _blank
for (const kind of ["click", "auxclick"]) {
  addEventListener(kind, (event) => {
    for (const node of /** @type {Element[]} */ (event.composedPath())) {
      if (["a", "area"].includes(node.localName)) node.setAttribute("rel", `${node.getAttribute("rel") ?? ""} noopener`);
    }
  }, true);
}
