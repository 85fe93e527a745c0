// Draws the plot of a message on its card, and requests it again if that fails.

import { Drawing } from "./drawing.mjs";

/**
 * @import { BokehLoader } from "./bokehjs.mjs"
 * @import { Card } from "./card.mjs"
 * @import { DrawFailure, FailureReason, PlotMessage, ResendRequest } from "./messages.mjs"
 */

/**
 * Sends messages to the server.
 * @typedef {{ readonly isOpen: boolean, send(message: ResendRequest | DrawFailure): void }} ReplyChannel
 */

export class PlotUpdater {
  #bokeh;
  #replies;

  /**
   * @param {BokehLoader} bokeh
   * @param {ReplyChannel | null} replies null if there is no server
   */
  constructor(bokeh, replies) {
    this.#bokeh = bokeh;
    this.#replies = replies;
  }

  /**
   * Returns true if the card shows a new change.
   * @param {Card} card
   * @param {PlotMessage} message
   */
  async update(card, message) {
    if (!card.progress.accept(message)) return false;
    let isNewChange = false;
    try {
      await this.#bokeh.load(message.parts);
      await this.#draw(card, message);
      isNewChange = card.progress.recordDrawn(message);
      card.markDrawn(message);
    } catch (error) {
      this.#handleFailure(card, message, error);
    }
    card.updateOverflow();
    return isNewChange;
  }

  /**
   * @param {Card} card
   * @param {PlotMessage} message
   */
  async #draw(card, message) {
    const { progress, drawing } = card;
    const { epoch, base, generation, op } = message;
    if (base === null) {
      // after a reconnect, the same generation is not drawn again, which keeps the viewer's zoom
      if (!progress.hasGeneration(epoch, generation)) card.swapDrawing(await drawWhole(card, message));
      return;
    }
    if (!drawing || !progress.hasGeneration(epoch, base)) {
      throw new Error("a change came for a plot that is not here");
    }
    if (op === "patch") await drawing.update(message);
    else card.swapDrawing(await drawing.redraw(message));
  }

  /**
   * @param {Card} card
   * @param {PlotMessage} message
   * @param {unknown} error
   */
  #handleFailure(card, message, error) {
    const { plot, generation } = message;
    console.warn(`plot ${plot} could not be drawn:`, error);
    card.progress.recordFailure(message);
    const replies = this.#replies;
    if (replies && card.progress.canRequest(message)) {
      if (!replies.isOpen) return;
      card.progress.recordRequest(message);
      replies.send({ resend: plot });
      return;
    }
    if (replies?.isOpen) replies.send({ failed_plot: plot, generation, reason: classifyError(error) });
    card.showFailure(describeFailure(error));
  }
}

/**
 * A page that is too far behind for a patch receives the whole plot, and the viewer keeps their zoom.
 * @param {Card} card
 * @param {PlotMessage} message
 */
async function drawWhole({ frame, drawing, progress }, message) {
  if (!drawing || !progress.hasDrawn(message.epoch)) return Drawing.create(frame, message);
  return drawing.redraw(message).catch(() => Drawing.create(frame, message));
}

/**
 * The author gets only the kind of failure, since the text of an error may contain anything.
 * @param {unknown} error
 * @returns {FailureReason}
 */
export function classifyError(error) {
  const message = readText(error);
  if (/^could not resolve type/.test(message)) return "type";
  return message.endsWith("could not be loaded") ? "loading" : "drawing";
}

/** @param {unknown} error */
export function describeFailure(error) {
  const isUnknown = classifyError(error) === "type";
  return `This plot could not be drawn: ${isUnknown ? "BokehJS does not know one of its models" : readText(error)}`;
}

/** @param {unknown} error */
const readText = (error) => String(/** @type {{ message?: unknown } | null} */ (error)?.message ?? error);
