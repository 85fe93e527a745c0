// Loads what an app needs besides BokehJS: scripts and styles of packages that extend it (Panel, say), each
// once and in the given order.

const loadingParts = new Map();

// es-module-shims, which Panel loads, then leaves to the browser what the browser supports
window.esmsInitOptions ??= { shimMode: true };

const loaders = {
  // resources that Panel's own script need not load again
  declared({ value }) {
    if (window.__panel_resources__) window.__panel_resources__.declare(value);
    else (window.__panel_resources_declared__ ??= []).push(value);
  },
  script({ src }) {
    return appendAndWait(Object.assign(document.createElement("script"), { src, async: false }));
  },
  style({ src }) {
    return appendAndWait(Object.assign(document.createElement("link"), { rel: "stylesheet", href: src }));
  },
  css({ text }) {
    document.head.append(Object.assign(document.createElement("style"), { textContent: text }));
  },
  // the author's own models
  custom({ type }, { loadBundle }) {
    return loadBundle(type);
  },
  async module({ src, export: name }) {
    const found = await import(new URL(src, document.baseURI));
    if (name) window[name] = found.default ?? found;
  },
};

function appendAndWait(node) {
  return new Promise((resolve, reject) => {
    node.onload = resolve;
    node.onerror = () => {
      node.remove();
      reject(new Error(`${node.src ?? node.href} could not be loaded`));
    };
    document.head.append(node);
  });
}

export function loadParts(parts, helpers) {
  return Promise.all(parts.map((part) => {
    const key = JSON.stringify(part);
    if (!loadingParts.has(key)) {
      const loading = Promise.resolve(loaders[part.kind](part, helpers));
      loading.catch(() => loadingParts.delete(key));
      loadingParts.set(key, loading);
    }
    return loadingParts.get(key);
  }));
}
