"use strict";

// Neither a page that a plot opens, nor the page that opened this one, can lead this tab elsewhere, to where it
// looks the same and asks for a password. The header Cross-Origin-Opener-Policy does that where browsers heed it:
// not on plain http, and a file has none.

window.opener = null;

const openWindow = window.open;

// for OpenURL, HelpTool and CustomJS, which may do what they like with the window that they get
window.open = (...args) => {
  const opened = openWindow.apply(window, args);
  try {
    if (opened) opened.opener = null;
  } catch {
    // it was opened before, and is somebody else's page by now
  }
  return opened;
};

// for markup, which may say rel="opener", or a target other than _blank
for (const kind of ["click", "auxclick"]) {
  addEventListener(kind, (event) => {
    for (const node of event.composedPath()) {
      if (["a", "area"].includes(node.localName)) node.setAttribute("rel", `${node.getAttribute("rel") ?? ""} noopener`);
    }
  }, true);
}
