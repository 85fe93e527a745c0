// Loads what an app needs besides BokehJS: scripts and styles of packages that extend it, such as Panel.

/**
 * @import { CustomModels } from "./custom_models.mjs"
 * @typedef {{ kind: "declared", value: unknown } | { kind: "script" | "style", src: string }
 *   | { kind: "css", text: string } | { kind: "custom", type: string }
 *   | { kind: "module", src: string, export?: string | null }} AppPart
 * @typedef {{ declare(value: unknown): void }} DeclaredResources
 * @typedef {Window & { esmsInitOptions?: object, __panel_resources__?: DeclaredResources,
 *   __panel_resources_declared__?: unknown[] } & Record<string, unknown>} ExtendedWindow
 */

export class ExtensionLoader {
  /** @type {Map<string, Promise<unknown>>} */
  #loading = new Map();
  #customModels;

  /** @param {CustomModels} customModels */
  constructor(customModels) {
    this.#customModels = customModels;
  }

  /**
   * Loads these parts in the given order, each once.
   * @param {AppPart[]} parts
   */
  async load(parts) {
    // es-module-shims, which Panel loads, then uses the browser's own support if there is any
    if (parts.length) getWindow().esmsInitOptions ??= { shimMode: true };
    await Promise.all(parts.map((part) => this.#loadOnce(part)));
  }

  /** @param {AppPart} part */
  #loadOnce(part) {
    const key = JSON.stringify(part);
    const found = this.#loading.get(key);
    if (found) return found;
    const loading = this.#loadPart(part);
    loading.catch(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  /** @param {AppPart} part */
  async #loadPart(part) {
    switch (part.kind) {
      case "declared": return declareResources(part.value);
      case "script": return appendScript(part.src);
      case "style": return appendStylesheet(part.src);
      case "css": return appendStyle(part.text);
      case "custom": return this.#customModels.load(part.type);
      case "module": return importModule(part.src, part.export);
    }
  }
}

const getWindow = () => /** @type {ExtendedWindow} */ (/** @type {unknown} */ (window));

/**
 * Names resources that Panel's own script need not load again.
 * @param {unknown} value
 */
function declareResources(value) {
  const target = getWindow();
  if (target.__panel_resources__) target.__panel_resources__.declare(value);
  else (target.__panel_resources_declared__ ??= []).push(value);
}

/**
 * @param {string} src
 * @param {string | null | undefined} name of the global variable that the module's export becomes
 */
async function importModule(src, name) {
  const found = await import(new URL(src, document.baseURI).href);
  if (name) getWindow()[name] = found.default ?? found;
}

/** @param {string} src */
const appendScript = (src) => appendAndWait(Object.assign(document.createElement("script"), { src, async: false }));

/** @param {string} href */
const appendStylesheet = (href) => {
  return appendAndWait(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
};

/** @param {string} text */
const appendStyle = (text) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: text }));
};

/** @param {HTMLScriptElement | HTMLLinkElement} node */
function appendAndWait(node) {
  return new Promise((resolve, reject) => {
    node.onload = resolve;
    node.onerror = () => {
      node.remove();
      reject(new Error(`${"src" in node ? node.src : node.href} could not be loaded`));
    };
    document.head.append(node);
  });
}
