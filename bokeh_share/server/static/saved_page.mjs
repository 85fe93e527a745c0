// Starts a page that was saved to a file, which contains its messages and BokehJS.

import { BokehLoader } from "./bokehjs.mjs";
import { tools } from "./card_tools.mjs";
import { CustomModels } from "./custom_models.mjs";
import { findElement } from "./dom.mjs";
import { decodeMessage } from "./messages.mjs";
import { PlotsPage } from "./plots_page.mjs";
import { ScriptLoader } from "./script_loader.mjs";
import { buildSavedState } from "./states.mjs";
import { StateNotice } from "./state_notice.mjs";
import { StatusLine } from "./status_line.mjs";
import { TouchGestures } from "./touch_gestures.mjs";

const saved = findElement("#saved");
const scripts = new ScriptLoader();
const customModels = new CustomModels(scripts);
const bokeh = new BokehLoader(document.documentElement.dataset.bokeh ?? "", scripts, customModels);
const status = new StatusLine();
const notice = new StateNotice({ title: "There are no plots in this file.", next: "" });
const page = new PlotsPage(bokeh, status, null, () => notice.setEmpty(page.isEmpty), async () => tools);

new TouchGestures();
const state = buildSavedState(new Date(Number(saved.dataset.at)));
status.show(state);
notice.showState(state);
// bundles of the author's own models are named by their digests
for (const part of saved.dataset.parts?.split(" ") ?? []) scripts.markLoaded(part);
const messages = (saved.textContent ?? "").trim().split("\n").map((line) => {
  return decodeMessage(Uint8Array.from(atob(line), (char) => char.charCodeAt(0)).buffer);
}).filter((message) => message.kind === "page" || message.kind === "plot");
for (const message of messages) if (message.kind === "page") customModels.update(message);
page.receive(...messages);
