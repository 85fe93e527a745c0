// Chooses how a plot is drawn: by BokehJS, or as a picture, a table or a text.

import { Drawing } from "./drawing.mjs";
import { MediaDrawing } from "./media_drawing.mjs";
import { UndrawnMedia } from "./undrawn_media.mjs";
import { UndrawnPlot } from "./undrawn_plot.mjs";

/**
 * @import { EndTurn } from "./draw_turns.mjs"
 * @import { FormerView } from "./drawing.mjs"
 * @import { PlotMessage } from "./messages.mjs"
 *
 * @typedef {Drawing | MediaDrawing} PlotDrawing
 * @typedef {UndrawnPlot | UndrawnMedia} Undrawn
 */

/**
 * Draws a whole plot. When the promise resolves, it is drawn and still hidden.
 * @param {HTMLElement} frame
 * @param {PlotMessage} message
 * @param {EndTurn} onBuilt
 * @param {FormerView | null} former what the viewer left of the plot before a restart of the share
 * @returns {Promise<PlotDrawing>}
 */
export function createDrawing(frame, message, onBuilt, former = null) {
  if (message.media) return MediaDrawing.create(frame, message, onBuilt);
  const drawn = Drawing.create(frame, message, onBuilt, former);
  return former ? drawn.catch(() => Drawing.create(frame, message, onBuilt)) : drawn;
}

/**
 * Draws changes of a plot. A page that is too far behind for a patch receives the whole plot, and the viewer keeps
 * their zoom.
 * @param {HTMLElement} frame
 * @param {PlotDrawing} drawing on screen
 * @param {PlotMessage[]} messages
 * @param {EndTurn} onBuilt
 * @returns {Promise<PlotDrawing>}
 */
export async function redrawPlot(frame, drawing, messages, onBuilt) {
  const [whole] = messages.filter(({ base }) => base === null);
  if (whole && (whole.media || drawing instanceof MediaDrawing)) return createDrawing(frame, whole, onBuilt);
  if (drawing instanceof MediaDrawing) throw new Error("a picture has no changes");
  const redrawn = drawing.redraw(messages, onBuilt);
  return whole ? redrawn.catch(() => createDrawing(frame, whole, onBuilt)) : redrawn;
}

/**
 * @param {PlotMessage} message with the whole plot
 * @returns {Undrawn}
 */
export const createUndrawn = (message) => message.media ? new UndrawnMedia(message) : new UndrawnPlot(message);

/**
 * Returns false for pictures, tables and texts without formulas, for which BokehJS need not be loaded.
 * @param {{ media?: PlotMessage["media"], parts: string[] }} message
 */
export const needsBokeh = ({ media, parts }) => !media || parts.length > 0;
