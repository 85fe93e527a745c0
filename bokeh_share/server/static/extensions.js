// What the page of an app loads besides BokehJS, for models of packages that extend it (Panel, say): each once,
// in the order in which it is told of.

const loadingParts = new Map();

// for es-module-shims, which Panel brings: what the browser can do by itself stays the browser's
window.esmsInitOptions ??= { shimMode: true };

const loaders = {
  // what Panel's own script need not load again
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
  // what the author has made themselves
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
