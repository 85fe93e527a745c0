// Decodes the server's messages; `wire/messages` and `plots/page_messages` describe and encode them.

/**
 * A value as BokehJS decodes it from JSON: models, references, arrays and plain values.
 * @typedef {any} JsonValue
 *
 * @typedef {{ kind: string, model: { id: string } & Record<string, JsonValue>, attr?: string, new?: JsonValue,
 *   data?: JsonValue, rollover?: number | null, patches?: JsonValue }} PatchEvent
 * @typedef {{ events: PatchEvent[] }} Patch
 * @typedef {Map<string, ArrayBuffer>} Buffers
 *
 * @typedef {{ digest: string, integrity: string }} Bundle
 * @typedef {{ name: string, about: string, changed: number }} AppEntry
 * @typedef {{ id: string, kind: PlotKind, generation: number, name: string | null, anchor: string | null,
 *   heading: string | null, caption: string | null, changed: number, missing: "compiling" | "failed" | null,
 *   titles: string[], box: PlotBox, section?: SectionHeading[] }} PlotEntry anchor and heading are those of a plot
 *   without a name
 * @typedef {[level: number, text: string]} SectionHeading of the notebook, above a plot; the outermost comes first
 * @typedef {[width: number | null, height?: number, slope?: number, fillsHeight?: number, leastWidth?: number]} PlotBox
 *   width in pixels, null for that of the card, which then has a least width; height in pixels, to which each pixel of
 *   the card's width adds the slope
 *
 * @typedef {{ kind: "page", epoch: string, version: number, base: number | null, title: string,
 *   paused: number | null, download: boolean, heartbeat: number | null, build: string | null, now: number | null,
 *   bundles: Record<string, Bundle | null>, apps: AppEntry[], plots: PlotEntry[],
 *   order: string[] | null }} PageMessage with the server's time as `now`
 * @typedef {"bokeh" | "image" | "table" | "text"} PlotKind
 * @typedef {{ kind: "image" | "table" | "text", type: string, width: number | null, height: number,
 *   title: string }} Media a plot that BokehJS does not draw, with its size in pixels
 *
 * @typedef {{ kind: "plot", epoch: string, version: number, plot: string, generation: number,
 *   base: number | null, op: "patch" | "redraw" | "replace", parts: string[], buffers: Buffers,
 *   defs: JsonValue[], patch: Patch, media?: Media }} PlotFields
 * @typedef {PlotFields & { byteLength: number }} PlotMessage with its length as it was received
 * @typedef {{ kind: "moved", urls: string[] }} MovedMessage
 * @typedef {{ kind: "busy", seconds: number | null }} BusyMessage
 * @typedef {{ kind: "heartbeat" }} HeartbeatMessage
 * @typedef {PageMessage | PlotMessage | MovedMessage | BusyMessage | HeartbeatMessage} Message
 *
 * @typedef {"loading" | "type" | "drawing"} FailureReason
 * @typedef {{ resend: string }} ResendRequest
 * @typedef {{ failed_plot: string, generation: number, reason: FailureReason }} DrawFailure
 */

/**
 * Decodes one websocket frame: the length of the header, the header as JSON, and the arrays.
 * @param {ArrayBuffer} frame
 * @returns {Message}
 */
export function decodeMessage(frame) {
  const length = new DataView(frame).getUint32(0);
  const message = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 4, length)));
  let start = 4 + length;
  /** @type {[string, number][]} */
  const sizes = message.buffers ?? [];
  message.byteLength = frame.byteLength;
  message.buffers = new Map(sizes.map(([id, size]) => [id, frame.slice(start, start += size)]));
  return message;
}
