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
 *   heading: string | null, caption: string | null, changed: number, missing: "compiling" | "failed" | "large" | null,
 *   titles: string[], box: PlotBox, section?: SectionHeading[] }} PlotEntry anchor and heading are those of a plot
 *   without a name
 * @typedef {[level: number, text: string]} SectionHeading of the notebook, above a plot; the outermost comes first
 * @typedef {[width: number | null, height?: number, slope?: number, fillsHeight?: number, leastWidth?: number]} PlotBox
 *   width in pixels, null for that of the card, which then has a least width; height in pixels, to which each pixel of
 *   the card's width adds the slope
 *
 * @typedef {{ kind: "page", epoch: string, version: number, base: number | null, title: string,
 *   paused: number | null, download: boolean, pointing: boolean, heartbeat: number | null, build: string | null, now: number | null,
 *   bundles: Record<string, Bundle | null>, apps: AppEntry[], plots: PlotEntry[],
 *   order: string[] | null, relayed?: boolean }} PageMessage with the server's time as `now`
 * @typedef {"bokeh" | "image" | "table" | "text"} PlotKind
 * @typedef {{ kind: "image" | "table" | "text", type: string, width: number | null, height: number,
 *   title: string }} Media a plot that BokehJS does not draw, with its size in pixels
 *
 * @typedef {{ kind: "plot", epoch: string, version: number, plot: string, generation: number,
 *   base: number | null, op: "patch" | "redraw" | "replace", parts: string[], buffers: Buffers,
 *   defs: JsonValue[], patch: Patch, media?: Media }} PlotFields
 * @typedef {PlotFields & { byteLength: number }} PlotMessage with its length as it was received
 * @typedef {number | [factor: unknown, distance: number]} Coordinate a number, or a factor and the distance from it
 * @typedef {{ plot: string, model: string, x: Coordinate, y: Coordinate }} Spot a point of a figure, by its data
 * @typedef {Spot & { pin: number, text: string }} Pin
 * @typedef {[field: string, value: string | number[]]} PresentedField as in `wire/presented_view`
 * @typedef {{ kind: "pins", pins: Pin[] }} PinsMessage all pins
 * @typedef {{ kind: "present", presenting: boolean, whole: boolean, in_view: string[] | null,
 *   plots: Record<string, PresentedField[]>, pointer: Spot | null }} PresentMessage
 * @typedef {{ viewer: number, since: number, host: string, slow: boolean, app: boolean }} ViewerEntry
 * @typedef {{ plot: string, figure: string, source: string | null, indices: number[], x: [number, number],
 *   y: [number, number], name: string, at: number }} PointedEntry what a viewer points at
 * @typedef {{ kind: "author", link: string, links: { url: string, audience: string }[], password: boolean,
 *   token: boolean, dropped: { item: string, label: string }[], waiting: number, viewers: ViewerEntry[],
 *   pointed: PointedEntry[], presenting: "here" | "elsewhere" | null, relay: string, relayed: number,
 * }} AuthorMessage the state for the author's own page
 * @typedef {{ kind: "answer", number: number, state: "waiting" | "done" | "failed", text: string,
 *   url: string }} AnswerMessage to a command of the author's own page
 *
 * @typedef {{ kind: "moved", urls: string[] }} MovedMessage
 * @typedef {{ kind: "busy", seconds: number | null }} BusyMessage
 * @typedef {{ kind: "away", seconds: number | null }} AwayMessage from a relay
 * @typedef {{ kind: "heartbeat" }} HeartbeatMessage
 * @typedef {PinsMessage | PresentMessage | AuthorMessage | AnswerMessage} PresenceMessage
 * @typedef {PageMessage | PlotMessage | PresenceMessage | MovedMessage | BusyMessage | AwayMessage
 *   | HeartbeatMessage} Message
 *
 * @typedef {"loading" | "type" | "drawing"} FailureReason
 * @typedef {{ resend: string }} ResendRequest
 * @typedef {{ do: string, number: number, [argument: string]: unknown } | { present: object }} AuthorRequest
 * @typedef {{ point: object | null }} PointRequest
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
