// Starts the page of one app: the share's connection has its state, and Bokeh's own websocket its document.

import { APP_PARTS, App } from "./app.mjs";
import { AppCard } from "./app_card.mjs";
import { BokehLoader } from "./bokehjs.mjs";
import { CustomModels } from "./custom_models.mjs";
import { ExtensionLoader } from "./extensions.mjs";
import { OverflowWatcher } from "./overflow.mjs";
import { PageTitle } from "./page_title.mjs";
import { PrintSheet } from "./print_sheet.mjs";
import { ScriptLoader } from "./script_loader.mjs";
import { ServerClock } from "./server_clock.mjs";
import { ShareClient } from "./share_client.mjs";
import { ShareState } from "./states.mjs";
import { StateNotice } from "./state_notice.mjs";
import { REFRESH_INTERVAL, StatusLine } from "./status_line.mjs";
import { ToolLoader } from "./tool_loader.mjs";
import { TouchGestures } from "./touch_gestures.mjs";

/** @import { PageMessage } from "./messages.mjs" */

const { dataset } = document.documentElement;
// The policy of an app's page allows scripts by their origin, so they need no nonce.
const scripts = new ScriptLoader();
const customModels = new CustomModels(scripts);
const bokeh = new BokehLoader(dataset.bokeh ?? "", scripts, customModels);
const extensions = new ExtensionLoader(customModels);
const status = new StatusLine();
const clock = new ServerClock();
const notice = new StateNotice({ title: "Opening the app…", next: "" });
const app = new App(dataset.app ?? "", bokeh, extensions, new PageTitle(), new OverflowWatcher(), showContent);
const tools = new ToolLoader();
const card = new AppCard(app, () => tools.load());
const state = new ShareState((each) => {
  status.show(each);
  notice.showState(each);
  app.setShareState(each.name);
});
const client = new ShareClient(state, customModels, {
  buildQuery: () => "?app=",
  getAddress: () => app.address,
  isExpectingPlot: () => false,
  onOpen: () => {},
  onSilence: () => app.handleConnectionLoss(),
  onMessage: (message) => { if (message.kind === "page") applyPage(message); },
});

function showContent() {
  notice.setEmpty(app.isEmpty);
  card.update();
}

/** @param {PageMessage} message */
function applyPage(message) {
  dataset.epoch = message.epoch;
  clock.set(message.now);
  state.handlePage(message);
  app.updateApps(message.apps);
  card.updatePage(message);
  status.refresh(app.changed, clock.read());
  dataset.version = `${message.version}`;
}

new TouchGestures();
new PrintSheet();
setInterval(() => status.refresh(app.changed, clock.read()), REFRESH_INTERVAL);
showContent();
bokeh.load(APP_PARTS).catch(() => {});
client.start();
