// Requests the token that opens this viewer's document of an app.

import { resolveUrl } from "./urls.mjs";

/**
 * @import { AppPart } from "./extensions.mjs"
 * @typedef {{ token: string, parts: AppPart[] }} AppToken
 * The server's answer: a token, and the problem with the options in the address, or why there is no token.
 * @typedef {{ token: AppToken | null, problem: string }} TokenAnswer
 */

export const WAITING_TEXT = "The author’s notebook is running. This app opens when it is done.";

/**
 * @param {string} urlPath of the app, relative to the share's link
 * @param {string | null} session the id of the session that the new document continues
 * @returns {Promise<TokenAnswer>} without a token if the app cannot be opened now
 */
export async function requestToken(urlPath, session) {
  /** @type {Record<string, string>} */
  const headers = session ? { "Bokeh-Session-Id": session } : {};
  const url = resolveUrl(`${urlPath}/token${location.search}`, location);
  const response = await fetch(url, { headers, cache: "no-store" });
  return readAnswer(response, await response.text());
}

/**
 * @param {{ ok: boolean, status: number }} response
 * @param {string} body
 * @returns {TokenAnswer}
 */
export function readAnswer({ ok, status }, body) {
  if (ok) {
    const { problem, ...token } = JSON.parse(body);
    return { token, problem: problem && `${describeProblem(problem)} The default value is shown.` };
  }
  if (status === 400) return { token: null, problem: describeProblem(JSON.parse(body).problem) };
  return { token: null, problem: status === 503 ? WAITING_TEXT : "" };
}

/** @param {string} problem */
const describeProblem = (problem) =>
  `The address of this page is wrong: ${problem}${problem.endsWith("?") ? "" : "."}`;

/**
 * Reads the session's id from a token of Bokeh: its first part is JSON in base64url.
 * @param {string} token
 * @returns {string}
 */
export function readSessionId(token) {
  const payload = (token.split(".")[0] ?? "").replace(/_/g, "/").replace(/-/g, "+");
  return JSON.parse(atob(payload.padEnd(Math.ceil(payload.length / 4) * 4, "="))).session_id;
}
