// Saves a file by the browser's own download.

import { createElement } from "./dom.mjs";

// The browser reads the file some time after the click.
const KEPT_DURATION = 60_000;
const MAX_NAME_LENGTH = 120;
// Not allowed in names of files, at least on one system.
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}<>:"/\\|?*]+/gu;

/**
 * @param {Blob} file
 * @param {string} name
 */
export function downloadFile(file, name) {
  const url = URL.createObjectURL(file);
  const link = createElement("a", "");
  link.href = url;
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_DURATION);
}

/**
 * @param {string[]} parts of the name, of which empty ones are left out
 * @param {string} suffix with its dot
 */
export function buildDownloadName(parts, suffix) {
  const cleaned = parts.map((part) => part.replace(FORBIDDEN, " ").replace(/\s+/g, " ").trim()).filter(Boolean);
  const name = [...cleaned.join(" - ")].slice(0, MAX_NAME_LENGTH).join("").replace(/^[. ]+|[. ]+$/g, "");
  return (name || "plot") + suffix;
}
