// Builds the URLs that the page requests or moves to.

import { readLinkedPlot } from "./plot_fragment.mjs";

// As `MAX_FIRST_LENGTH` in `limits`: the server ignores a longer name.
const MAX_NAME_LENGTH = 200;

/**
 * Builds the query of a URL; empty if there are no options.
 * @param {Record<string, string>} options
 */
export function buildQuery(options) {
  const query = `${new URLSearchParams(options)}`;
  return query && `?${query}`;
}

/**
 * `fetch` refuses URLs with credentials, which relative URLs inherit from a page that was opened as
 * http://user:password@host/.
 * @param {string} path
 * @param {{ origin: string, pathname: string }} location
 */
export function resolveUrl(path, location) {
  return new URL(path, location.origin + location.pathname);
}

/**
 * Returns true if the fragment of the page's address is this name.
 * @param {string} name
 * @param {{ href: string, hash: string }} location
 */
export function isNamedInUrl(name, location) {
  if (name === "" || location.hash === "") return false; // parsing takes time on a page with many plots
  return new URL(`#${name}`, location.href).hash === location.hash;
}

/**
 * Returns the plot that the fragment of the page's address names; null if there is none that a plot may have.
 * @param {{ hash: string }} location
 */
export function readNameInUrl({ hash }) {
  const name = readLinkedPlot({ hash }) ?? decodeFragment(hash.slice(1));
  return name && name.length <= MAX_NAME_LENGTH ? name : null;
}

/** @param {string} text that may have a percent sign of its own, as in `50%` */
function decodeFragment(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * @param {string} path
 * @param {{ href: string }} location
 */
export function resolveWebSocketUrl(path, { href }) {
  const url = new URL(path, href);
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}

/**
 * Finds the path before the port, behind jupyter-server-proxy.
 * @param {{ pathname: string }} location
 */
const findProxyPrefix = ({ pathname }) => pathname.match(/^(.*\/proxy\/)\d+\//)?.[1];

/**
 * Returns the first of these URLs that the page may follow: one on the same host, by the same route.
 * @param {string[]} urls
 * @param {{ href: string, hostname: string, pathname: string }} location
 * @returns {URL | null}
 */
export function findReachableUrl(urls, location) {
  return urls.map((url) => new URL(url, location.href)).find((url) => {
    const isHere = url.hostname === location.hostname && findProxyPrefix(url) === findProxyPrefix(location);
    return isHere && /^https?:$/.test(url.protocol);
  }) ?? null;
}
