// Brings the plot of a card to the state of its messages, drawn or not, and requests it again if that fails.

import { rankRedraw } from "./draw_order.mjs";
import { createDrawing, createUndrawn, needsBokeh, redrawPlot } from "./drawings.mjs";
import { UndrawnPlot } from "./undrawn_plot.mjs";

/**
 * @import { BokehLoader } from "./bokehjs.mjs"
 * @import { Card } from "./card.mjs"
 * @import { DrawTurns, EndTurn } from "./draw_turns.mjs"
 * @import { PlotDrawing, Undrawn } from "./drawings.mjs"
 * @import { DrawFailure, FailureReason, PlotMessage, ResendRequest } from "./messages.mjs"
 */

/**
 * Sends messages to the server.
 * @typedef {{ readonly isOpen: boolean, send(message: ResendRequest | DrawFailure): void }} ReplyChannel
 */

const MISSING_BASE = "a change came for a plot that is not here";

export class PlotUpdater {
  #bokeh;
  #replies;
  #turns;

  /**
   * @param {BokehLoader} bokeh
   * @param {ReplyChannel | null} replies null if there is no server
   * @param {DrawTurns} turns
   */
  constructor(bokeh, replies, turns) {
    this.#bokeh = bokeh;
    this.#replies = replies;
    this.#turns = turns;
  }

  /**
   * Handles a whole plot, or changes of which each follows the one before. Returns true if the card has a new change.
   * @param {Card} card
   * @param {PlotMessage[]} messages
   */
  async update(card, ...messages) {
    const accepted = messages.filter((each) => card.progress.accept(each));
    const message = accepted.at(-1);
    if (!message) return false;
    let isNewChange = false;
    try {
      if (!card.drawing) {
        isNewChange = accepted.map((each) => receive(card, each)).includes(true);
      } else {
        await this.#load(accepted);
        await this.#draw(card, card.drawing, accepted);
        isNewChange = card.progress.recordReceived(message);
        card.markDrawn(message);
        card.updateOverflow();
      }
    } catch (error) {
      card.progress.recordFailure(message);
      this.#handleFailure(card, message, error);
    }
    return isNewChange;
  }

  /**
   * Loads what BokehJS needs to draw a plot for the first time. Returns false if that failed.
   * @param {Card} card
   */
  async loadParts(card) {
    const { undrawn } = card;
    if (!undrawn) return false;
    try {
      await this.#load([undrawn]);
      return true;
    } catch (error) {
      this.#handleFirstFailure(card, undrawn, error);
      return false;
    }
  }

  /**
   * Draws a plot for the first time. Its messages that arrive meanwhile wait for that.
   * @param {Card} card
   * @param {EndTurn} endTurn
   */
  drawFirst(card, endTurn) {
    return card.queue.runExclusively(async () => {
      const { undrawn } = card;
      if (!undrawn) return;
      try {
        const message = undrawn.buildMessage();
        const drawing = await createDrawing(card.frame, message, endTurn, card.takeFormerView());
        await card.finishPreparation(drawing);
        card.swapDrawing(drawing);
        card.undrawn = null;
        card.markDrawn(message);
      } catch (error) {
        this.#handleFirstFailure(card, undrawn, error);
      }
      card.updateOverflow();
    });
  }

  /**
   * Requests a plot again that could not be drawn while there was no connection.
   * @param {Card} card
   */
  requestFailed({ progress, plotId }) {
    const { failed, isRequested } = progress;
    if (!failed || isRequested || !this.#replies) return;
    progress.recordRequest(failed);
    this.#replies.send({ resend: plotId });
  }

  /**
   * Loads what BokehJS needs for some plots, if they need it at all.
   * @param {{ media?: PlotMessage["media"], parts: string[] }[]} plots
   */
  async #load(plots) {
    if (plots.some(needsBokeh)) await this.#bokeh.load(plots.flatMap(({ parts }) => parts));
  }

  /**
   * @param {Card} card
   * @param {PlotDrawing} drawing
   * @param {PlotMessage[]} messages
   */
  async #draw(card, drawing, messages) {
    const { progress } = card;
    const [first] = messages;
    if (!first) return;
    const { epoch, base, generation } = first;
    // after a reconnect, the same generation is not drawn again, which keeps the viewer's zoom
    if (base === null && progress.hasGeneration(epoch, generation)) return;
    if (base !== null && !progress.hasGeneration(epoch, base)) throw new Error(MISSING_BASE);
    if (messages.every(({ op }) => op === "patch") && "update" in drawing) {
      await drawing.update(...messages);
      return;
    }
    const endTurn = await this.#turns.take(() => rankRedraw(card.section.getBoundingClientRect(), innerHeight));
    try {
      // also after a restart of the share: a model of another kernel has the same id only if it means the same
      card.swapDrawing(await redrawPlot(card.frame, drawing, messages, endTurn));
    } finally {
      endTurn();
    }
  }

  /**
   * A plot that was replaced or removed meanwhile has not failed.
   * @param {Card} card
   * @param {Undrawn} undrawn
   * @param {unknown} error
   */
  #handleFirstFailure(card, undrawn, error) {
    undrawn.hasFailed = true;
    if (card.undrawn === undrawn) this.#handleFailure(card, undrawn.buildMessage(), error);
  }

  /**
   * @param {Card} card
   * @param {PlotMessage} message
   * @param {unknown} error
   */
  #handleFailure(card, message, error) {
    const { plot, generation } = message;
    console.warn(`plot ${plot} could not be drawn:`, error);
    const replies = this.#replies;
    if (replies && card.progress.canRequest(message)) {
      // it is missing until this connection, or the next one, brings it again: see `requestFailed`
      card.progress.recordFailure(message);
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
 * Applies a message to a plot that is not drawn yet. Returns true if it is a new change.
 * @param {Card} card
 * @param {PlotMessage} message
 */
function receive(card, message) {
  const { epoch, base } = message;
  if (base === null) card.undrawn = createUndrawn(message);
  else if (card.undrawn instanceof UndrawnPlot && card.progress.hasGeneration(epoch, base)) card.undrawn.apply(message);
  else throw new Error(MISSING_BASE);
  return card.progress.recordReceived(message);
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
