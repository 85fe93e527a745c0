// Starts the page of all plots: messages go from the share's connection to the cards, and each plot to its drawing.

import { AuthorLoader } from "./author_loader.mjs";
import { BokehLoader } from "./bokehjs.mjs";
import { CustomModels } from "./custom_models.mjs";
import { PlotsPage } from "./plots_page.mjs";
import { PresentedLoader } from "./presented_loader.mjs";
import { ScriptLoader } from "./script_loader.mjs";
import { ShareClient } from "./share_client.mjs";
import { ShareState } from "./states.mjs";
import { StateNotice } from "./state_notice.mjs";
import { StatusLine } from "./status_line.mjs";
import { ToolLoader } from "./tool_loader.mjs";
import { TouchGestures } from "./touch_gestures.mjs";
import { buildQuery } from "./urls.mjs";

/** @import { PageMessage, PlotMessage, PresenceMessage } from "./messages.mjs" */

const NO_PLOTS = { title: "There are no plots yet.", next: "They appear here when the author shows them." };

// The page's policy allows scripts with the nonce of this one.
const ownScript = /** @type {HTMLScriptElement | null} */ (document.querySelector("script[type=module]"));
const scripts = new ScriptLoader(ownScript?.nonce);
const customModels = new CustomModels(scripts);
const bokeh = new BokehLoader(document.documentElement.dataset.bokeh ?? "", scripts, customModels);
const status = new StatusLine();
const notice = new StateNotice(NO_PLOTS);
const state = new ShareState((each) => {
  status.show(each);
  notice.showState(each);
  presented.setAway(state.isAway);
});
// The server has said that the browser has the author's cookie.
const isAuthor = document.documentElement.dataset.author !== undefined;
const tools = new ToolLoader();
const client = new ShareClient(state, customModels, {
  buildQuery: () => buildQuery({ ...page.nameState(), ...isAuthor ? { author: "" } : {} }),
  getAddress: () => location.search,
  isExpectingPlot: () => page.isExpectingPlot,
  onOpen: () => {
    page.handleOpen();
    presented.handleOpen();
    author?.handleOpen();
  },
  onSilence: () => {},
  onMessage: handleMessage,
});
const page = new PlotsPage(bokeh, status, client, handlePage, () => tools.load());

const presented = new PresentedLoader(() => page.cards);
const author = isAuthor ? new AuthorLoader((message) => client.send(message), () => page.cards) : null;

/** @param {PageMessage | PlotMessage | PresenceMessage} message */
function handleMessage(message) {
  if (message.kind === "page" || message.kind === "plot") page.receive(message);
  else if (message.kind === "present" || message.kind === "pins") presented.handle(message);
  if (message.kind !== "plot" && message.kind !== "present") author?.handle(message);
}

/** @param {PageMessage} message */
function handlePage(message) {
  state.handlePage(message);
  notice.setEmpty(page.isEmpty);
}

// A tool of the menus has no connection of its own.
document.addEventListener("point", (event) => {
  if (event instanceof CustomEvent) client.send({ point: event.detail });
});
new TouchGestures();
// plots that need it wait for it, and say if it fails
bokeh.load([]).catch(() => {});
client.start();
