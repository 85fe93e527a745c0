// Shows the plots that the author shares: the websocket delivers whole plots and patches, `plot.js` draws them.
// On the page of an app it shows the state of the share only; `app.js` shows the app's document.

const html = document.documentElement;
const cardList = document.querySelector(".cards");
const stateText = document.querySelector(".page-header .state-text");
const busyDuration = document.querySelector(".page-header .busy-duration");
const lastChange = document.querySelector(".page-header .last-change");
const loginButton = document.querySelector(".page-header .login-button");
const logoutButton = document.querySelector(".page-header .logout-button");
const emptyNotice = document.querySelector(".empty-notice");

const MIN_RECONNECT_DELAY = 1000;
const MAX_RECONNECT_DELAY = 10_000;

function createElement(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

// `fetch` refuses URLs with credentials, which relative URLs inherit from a page that was opened as
// http://user:password@host/.
const resolveUrl = (path) => new URL(path, location.origin + location.pathname);

const loadingScripts = new Map();
// The page's policy allows scripts with this nonce; that of an app's page allows them by their origin.
const nonce = html.dataset.app ? "" : document.querySelector("script[type=module]").nonce;

function loadScript(name, src = `bokeh/${html.dataset.bokeh}/${name}.min.js`, integrity = "") {
  if (!loadingScripts.has(name)) {
    const script = Object.assign(document.createElement("script"), { src, integrity, nonce, async: false });
    loadingScripts.set(name, new Promise((resolve, reject) => {
      script.onload = resolve;
      script.onerror = () => {
        loadingScripts.delete(name);
        script.remove();
        reject(new Error(`${src.split("/").at(-1)} could not be loaded`));
      };
    }));
    document.head.append(script);
  }
  return loadingScripts.get(name);
}

// The scripts of the author's own models, by type: null for one that does not compile, missing while it is being
// compiled. BokehJS knows one model of a type, so a loaded script stays until the page is reloaded.
let bundles = {};
const loadedBundles = new Map();
let bundleWaiters = [];
const CUSTOM = "custom/";
const UNAVAILABLE_TEXTS = {
  compiling: "A model of its author’s own is being compiled…",
  failed: "This can’t be shown: a model of its author’s own does not compile. Its author has been told.",
};

// Called before the message is queued, since the plot that is being drawn may wait for a bundle.
function applyBundles(message) {
  bundles = message.bundles;
  for (const notify of bundleWaiters.splice(0)) notify();
}

const hasReplacedBundle = ({ bundles }) => [...loadedBundles].some(([type, digest]) => {
  return bundles[type] && bundles[type].digest !== digest;
});

async function loadBundle(type) {
  while (!(type in bundles)) await new Promise((resolve) => bundleWaiters.push(resolve));
  if (bundles[type] === null) throw Object.assign(new Error(UNAVAILABLE_TEXTS.failed), { isForViewers: true });
  const { digest, integrity } = bundles[type];
  loadedBundles.set(type, digest);
  await loadScript(digest, `bundle/${digest}.js`, integrity);
}

// BokehJS looks for MathJax once, when it draws the first text that may contain mathematics, so it has to be
// loaded before. BokehJS's extensions import the module by this name.
async function loadMathJax() {
  const { default_provider: provider } = Bokeh.require("models/text/providers");
  if (provider.status === "failed") await provider.fetch();
}

async function loadBokeh(parts) {
  await loadScript("bokeh");
  // `Bokeh.set_log_level` would log its own call
  Bokeh.logger.set_level("warn");
  patchColumnLayout();
  const custom = parts.filter((part) => part.startsWith(CUSTOM));
  await Promise.all(parts.filter((part) => !custom.includes(part)).map((part) => loadScript(`bokeh-${part}`)));
  if (parts.includes("mathjax")) await loadMathJax();
  // after the others, since the implementations may use them when they are loaded
  await Promise.all(custom.map((part) => loadBundle(part.slice(CUSTOM.length))));
}

const TIME_FORMAT = { hour: "2-digit", minute: "2-digit" };

function formatTime(date) {
  const today = date.toDateString() === new Date().toDateString();
  return today ? date.toLocaleTimeString([], TIME_FORMAT)
    : date.toLocaleString([], { ...TIME_FORMAT, day: "numeric", month: "short" });
}

function formatAge(ms) {
  // a viewer's clock may be behind the author's
  const minutes = Math.max(0, Date.now() - ms) / 60_000;
  if (minutes < 0.75) return "just now";
  if (minutes < 59.5) return `${Math.max(1, Math.round(minutes))} min ago`;
  if (minutes < 23.5 * 60) return `${Math.round(minutes / 60)} h ago`;
  return formatTime(new Date(ms));
}

function setText(node, text) {
  // writing the same text would make a screen reader announce it again
  if (node.textContent !== text) node.textContent = text;
}

function showTime(container, ms) {
  container.hidden = !ms;
  if (!ms) return;
  const time = container.querySelector("time");
  const date = new Date(ms);
  setText(time, formatAge(ms));
  time.dateTime = date.toISOString();
  time.title = date.toLocaleString();
}

// The `App` on the page of an app.
let app = null;

let describeState = () => "connecting…";

function setState(state, describe) {
  html.dataset.state = state;
  describeState = describe;
  setText(stateText, describe());
  busyDuration.hidden = state !== "busy";
  loginButton.hidden = state !== "locked";
  if (logoutButton) logoutButton.hidden = state === "locked";
  app?.setShareState(state);
}

function refreshTimes() {
  setText(stateText, describeState());
  showBusyDuration();
  showTime(lastChange, Math.max(app?.changed ?? 0, ...[...cards.values()].map((card) => card.changed)));
  for (const card of [...cards.values(), ...appCards.values()]) showTime(card.changedText, card.changed);
}

// The time, by the viewer's clock, at which the author's kernel began to run the current cell.
let busySince = null;

function showLiveState() {
  const { paused } = page;
  if (paused) setState("paused", () => `paused by the author at ${formatTime(new Date(paused))}`);
  else if (busySince) setState("busy", () => `author’s kernel busy since ${formatTime(busySince)}`);
  else setState("live", () => "live");
  showBusyDuration();
}

// Separate from the state, which a screen reader would announce again each time.
function showBusyDuration() {
  busyDuration.hidden = html.dataset.state !== "busy";
  if (busyDuration.hidden) return;
  const minutes = Math.floor((Date.now() - busySince) / 60_000);
  const hours = Math.floor(minutes / 60);
  const long = hours < 1 ? `for ${minutes} min` : `for ${hours} h ${minutes % 60} min`;
  setText(busyDuration, minutes < 1 ? "for a moment" : long);
}

function handleBusy(seconds) {
  busySince = seconds === null ? null : new Date(Date.now() - seconds * 1000);
  if (["live", "busy"].includes(html.dataset.state)) showLiveState();
}

let page = { epoch: null, version: null, title: document.title };
const cards = new Map();
const appCards = new Map();

// The page of all plots lists the apps before the plots.
function updateAppCards(apps) {
  for (const [name, card] of appCards) {
    if (apps.some((each) => each.name === name)) continue;
    appCards.delete(name);
    card.section.remove();
  }
  for (const { name, about, changed } of apps) {
    if (!appCards.has(name)) {
      const link = createElement("a", "", name);
      link.href = encodeURIComponent(name);
      const changedText = createElement("p", "last-change", "changed ", createElement("time", ""));
      const caption = createElement("p", "caption");
      const header = createElement("header", "", createElement("h2", "", link), changedText);
      appCards.set(name, { section: createElement("section", "card app", header, caption), changedText, caption });
    }
    const card = appCards.get(name);
    card.changed = changed;
    setText(card.caption, about);
    card.caption.hidden = !about;
  }
  return apps.map(({ name }) => appCards.get(name).section);
}

function createCard(plot) {
  const name = createElement("h2", "");
  const caption = createElement("p", "caption");
  const changedText = createElement("p", "last-change", "changed ", createElement("time", ""));
  const frame = createElement("div", "plot");
  const errorText = createElement("p", "error");
  errorText.hidden = true;
  frame.setAttribute("role", "region");
  const header = createElement("header", "", name, changedText);
  const section = createElement("section", "card", header, caption, frame, errorText);
  section.dataset.plot = plot.id;
  section.addEventListener("animationend", () => section.classList.remove("highlighted"));
  const card = {
    section, name, caption, changedText, frame, errorText,
    unavailableReason: null, changed: 0, newestGeneration: 0, shownChange: null, drawing: null, drawnEpoch: null,
    epoch: null, generation: null, version: -1,
    // isBehind: a page message announced a change that has not arrived yet
    isBehind: true, resendKey: null, isAwaitingResend: false,
  };
  resizeObserver.observe(frame);
  return card;
}

function updateCardName(card, { name, caption }) {
  setText(card.name, name ?? "");
  card.name.hidden = !name;
  setText(card.caption, caption ?? "");
  card.caption.hidden = !caption;
  card.frame.setAttribute("aria-label", name ? `Plot ${name}` : "Plot");
  if (card.section.id === (name ?? "")) return;
  if (name && !document.getElementById(name)) card.section.id = name;
  else card.section.removeAttribute("id");
}

// The former drawing stays on screen.
function showUnavailable(card, { missing: reason }) {
  if (reason) setText(card.errorText, UNAVAILABLE_TEXTS[reason]);
  if (reason || card.unavailableReason) card.errorText.hidden = !reason;
  card.unavailableReason = reason;
}

function removeCard(id) {
  const card = cards.get(id);
  cards.delete(id);
  resizeObserver.unobserve(card.frame);
  card.drawing?.destroy();
  card.section.remove();
}

// Moving a node loses focus and scroll position in it, so the longest run that is in order already is not moved.
function reorderCards(sections) {
  const sectionIndices = new Map([...cardList.children].map((section, index) => [section, index]));
  let staying = [];
  const runs = [];
  for (const section of sections.filter((each) => sectionIndices.has(each))) {
    let longest = [];
    for (const run of runs) {
      if (run.length > longest.length && sectionIndices.get(run.at(-1)) < sectionIndices.get(section)) longest = run;
    }
    runs.push([...longest, section]);
    if (longest.length + 1 > staying.length) staying = runs.at(-1);
  }
  let next = null;
  for (const section of [...sections].reverse()) {
    if (!staying.includes(section)) cardList.insertBefore(section, next);
    next = section;
  }
}

// Reloads the page, once, if the server has another version of it, and also if one of the author's own models
// has another implementation than the loaded one.
function reloadIfOutdated(message) {
  if (!hasReplacedBundle(message)) return reloadForNewBuild(message);
  location.reload();
  return true;
}

function reloadForNewBuild({ build: pageBuild }) {
  if (!pageBuild || pageBuild === html.dataset.pageBuild) return false;
  if (sessionStorage.getItem("pageBuild") === pageBuild) return false;
  sessionStorage.setItem("pageBuild", pageBuild);
  location.reload();
  return true;
}

function applyPage(message) {
  if (message.epoch !== page.epoch) {
    for (const card of cards.values()) Object.assign(card, { version: -1, isBehind: true });
  }
  const { epoch, version, title, paused } = message;
  page = { epoch, version, title: app ? page.title : title, paused };
  html.dataset.epoch = message.epoch;
  updateTitle(page.title);
  if (html.dataset.state !== "saved") showLiveState();
  if (app) {
    app.updateApps(message.apps);
    refreshTimes();
    return;
  }
  const staying = new Set(message.plots.map((plot) => plot.id));
  for (const id of [...cards.keys()]) if (!staying.has(id)) removeCard(id);
  for (const plot of message.plots) {
    if (!cards.has(plot.id)) cards.set(plot.id, createCard(plot));
    const card = cards.get(plot.id);
    if (card.changed !== plot.changed && card.version < message.version) card.isBehind = true;
    card.changed = plot.changed;
    card.newestGeneration = plot.generation;
    updateCardName(card, plot);
    showUnavailable(card, plot);
  }
  const first = updateAppCards(message.apps);
  reorderCards([...first, ...message.plots.map((plot) => cards.get(plot.id).section)]);
  emptyNotice.hidden = cards.size + appCards.size > 0;
  refreshTimes();
}

const resizeObserver = new ResizeObserver((entries) => {
  for (const { target } of entries) updateOverflow(target.closest(".plot"));
});

function updateOverflow(frame) {
  if (!frame) return;
  const isOverflowing = frame.scrollWidth > frame.clientWidth;
  frame.classList.toggle("overflowing", isOverflowing);
  if (isOverflowing) frame.tabIndex = 0;
  else frame.removeAttribute("tabindex");
}

// BokehJS 3.9 listens on the drawing's own viewport (see `plot.js`), so pass the event on.
window.visualViewport?.addEventListener("resize", () => {
  for (const { drawing } of cards.values()) drawing?.viewport.dispatchEvent(new Event("resize"));
});

function swapDrawing(card, drawing) {
  const former = card.drawing;
  card.drawing = drawing;
  drawing.show(former);
  for (const root of drawing.container.children) resizeObserver.observe(root);
}

// A page that is too far behind for a patch receives the whole plot, and the viewer keeps their zoom.
async function drawWhole({ frame, drawing, drawnEpoch }, message) {
  if (!drawing || drawnEpoch !== message.epoch) return Drawing.create(frame, message);
  return drawing.redraw(message).catch(() => Drawing.create(frame, message));
}

async function applyPlot(message) {
  const card = cards.get(message.plot);
  if (!card || message.epoch !== page.epoch) return;
  const { epoch, base, generation } = message;
  if (base !== null && card.isAwaitingResend) return;
  const hasGeneration = (wanted) => card.epoch === epoch && card.generation === wanted;
  card.isAwaitingResend = false;
  try {
    await loadBokeh(message.parts);
    if (base === null) {
      // after a reconnect, the same generation is not drawn again, which keeps the viewer's zoom
      if (!hasGeneration(generation)) swapDrawing(card, await drawWhole(card, message));
    } else {
      if (!hasGeneration(base)) throw new Error("the plot that was to change is not here");
      if (message.op === "patch") await card.drawing.update(message);
      else swapDrawing(card, await card.drawing.redraw(message));
    }
    markDrawn(card, message);
  } catch (error) {
    handleDrawFailure(card, message, error);
  }
  updateOverflow(card.frame);
}

// The tab's title marks a change that came while the viewer looked at another tab.
let hasUnseenChange = false;

function updateTabTitle() {
  document.title = hasUnseenChange ? `● ${page.title}` : page.title;
}

function updateTitle(title) {
  page.title = title;
  updateTabTitle();
  setText(document.querySelector("h1"), title);
}

function markDrawn(card, { epoch, generation, version }) {
  if (isInitialPageDrawn && card.shownChange !== card.changed) {
    card.section.classList.add("highlighted");
    hasUnseenChange = document.hidden;
    updateTabTitle();
  }
  const isBehind = generation < card.newestGeneration;
  Object.assign(card, { epoch, generation, version, shownChange: card.changed, isBehind });
  card.drawnEpoch = epoch;
  Object.assign(card.section.dataset, { epoch, generation });
  card.errorText.hidden = true;
}

// The author is told the kind of failure only, since the text of an error may contain anything.
function classifyError(error) {
  const message = String(error?.message ?? error);
  if (/^could not resolve type/.test(message)) return "type";
  return message.endsWith("could not be loaded") ? "loading" : "drawing";
}

// A patch may have been applied in part, so the drawing counts as no generation.
function handleDrawFailure(card, { plot, epoch, generation, version }, error) {
  console.warn(`plot ${plot} could not be drawn:`, error);
  Object.assign(card, { epoch: null, generation: null, version, isBehind: true });
  const resendKey = `${epoch} ${generation}`;
  if (!saved && card.resendKey !== resendKey) {
    if (socket.readyState !== WebSocket.OPEN) return;
    card.resendKey = resendKey;
    card.isAwaitingResend = true;
    socket.send(JSON.stringify({ resend: plot }));
    return;
  }
  if (!saved && socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ failed_plot: plot, generation, reason: classifyError(error) }));
  }
  const isUnknown = classifyError(error) === "type";
  const words = isUnknown ? "it has a model that BokehJS does not know" : error?.message ?? error;
  setText(card.errorText, `This plot could not be drawn: ${words}`);
  card.errorText.hidden = false;
}

let messageQueue = [];
let isProcessing = false;
// from then on, changed plots are highlighted
let isInitialPageDrawn = false;

function decodeMessage(frame) {
  const length = new DataView(frame).getUint32(0);
  const message = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 4, length)));
  let start = 4 + length;
  message.buffers = new Map((message.buffers ?? []).map(([id, size]) => {
    return [id, frame.slice(start, start += size)];
  }));
  return message;
}

// A page message goes before the queued plots; those that it no longer lists are dropped.
function enqueueMessage(message) {
  if (message.kind === "page") {
    const staying = new Set(message.plots.map((plot) => plot.id));
    messageQueue = messageQueue.filter((each) => {
      return each.kind === "plot" && each.epoch === message.epoch && staying.has(each.plot);
    });
    messageQueue.unshift(message);
  } else {
    if (message.base === null) messageQueue = messageQueue.filter((each) => each.plot !== message.plot);
    messageQueue.push(message);
  }
}

async function processQueue() {
  if (isProcessing) return;
  isProcessing = true;
  try {
    while (messageQueue.length) {
      const message = messageQueue.shift();
      if (message.kind === "page") applyPage(message);
      else await applyPlot(message);
    }
  } finally {
    isProcessing = false;
  }
  html.dataset.version = page.version;
  if (!isInitialPageDrawn && [...cards.values()].every((card) => card.version >= 0 || card.unavailableReason)) {
    isInitialPageDrawn = true;
    if (scrollY === 0) scrollToNamedCard();
  }
}

// The browser looks for #name when there are no cards yet.
function scrollToNamedCard() {
  for (const { section } of cards.values()) {
    if (section.id && new URL(`#${section.id}`, location).hash === location.hash) section.scrollIntoView();
  }
}

let socket;
let reconnectTimer;
// States in which the page waits longest before it connects again.
const CLOSED_STATES = ["ended", "moved", "full", "locked"];
let reconnectDelay = MIN_RECONNECT_DELAY;
let newUrl = null;

// The version tells the server that the page has everything up to it.
function buildVersionQuery() {
  const complete = page.epoch !== null && !isProcessing && [...cards.values()].every((card) => !card.isBehind);
  const { epoch, version } = page;
  if (app) return "?app=";
  return complete ? `?${new URLSearchParams({ epoch, version })}` : "";
}

function connect() {
  clearTimeout(reconnectTimer);
  const url = new URL(`ws${buildVersionQuery()}`, location);
  url.protocol = url.protocol.replace("http", "ws");
  const newSocket = socket = new WebSocket(url);
  newSocket.binaryType = "arraybuffer";
  newSocket.onopen = () => {
    busySince = null;
    for (const card of cards.values()) card.isAwaitingResend = false;
  };
  newSocket.onmessage = ({ data }) => handleFrame(data);
  newSocket.onclose = onClose;
  setTimeout(() => { if (newSocket.readyState === WebSocket.CONNECTING) newSocket.close(); }, MAX_RECONNECT_DELAY);
}

// The browser may take minutes to notice a lost connection, so the server sends heartbeats.
let lastMessageTime = performance.now();
let heartbeatInterval = null;

function checkHeartbeat() {
  const silence = performance.now() - lastMessageTime;
  // a large plot delays the heartbeats until all of it has arrived
  const timeoutFactor = [...cards.values()].some((card) => card.isBehind) ? 12_500 : 2500;
  if (!heartbeatInterval || socket.readyState !== WebSocket.OPEN) return;
  if (silence >= heartbeatInterval * timeoutFactor) dropConnection();
}

// Does not wait for the closing handshake, since the other end may be gone.
function dropConnection() {
  app?.handleConnectionLoss();
  socket.onclose = null;
  socket.onmessage = null;
  socket.close();
  onClose({ code: 1006, reason: "" });
}

function handleFrame(frame) {
  lastMessageTime = performance.now();
  let message;
  try {
    message = decodeMessage(frame);
  } catch (error) {
    console.warn("a message could not be read:", error);
    socket.close();
    return;
  }
  if (message.kind === "heartbeat") return;
  if (message.kind === "busy") return handleBusy(message.seconds);
  if (message.kind === "moved") return handleMoved(message.urls);
  if (message.kind === "page") {
    if (reloadIfOutdated(message)) return;
    applyBundles(message);
    reconnectDelay = MIN_RECONNECT_DELAY;
    heartbeatInterval = message.heartbeat;
  }
  enqueueMessage(message);
  processQueue();
}

// The path before the port, behind jupyter-server-proxy.
const findProxyPrefix = ({ pathname }) => pathname.match(/^(.*\/proxy\/)\d+\//)?.[1];

function handleMoved(urls) {
  newUrl = urls.map((url) => new URL(url, location)).find((url) => {
    const isHere = url.hostname === location.hostname && findProxyPrefix(url) === findProxyPrefix(location);
    return isHere && /^https?:$/.test(url.protocol);
  });
  setState("moved", () => newUrl
    ? "moving to a new address…"
    : "sharing has moved to an address that this page can’t follow");
}

// A browser does not tell a page why a websocket was refused, so ask by HTTP.
async function checkLogin() {
  try {
    const { status } = await fetch(resolveUrl("login/state"), { cache: "no-store" });
    if (status === 200 && socket.readyState >= WebSocket.CLOSING) showLocked("a password is asked for");
  } catch {
    // the server cannot be reached at the moment
  }
}

function showLocked(reason) {
  if (html.dataset.state === "locked") return;
  setState("locked", () => reason);
}

function onClose({ code, reason }) {
  if (newUrl) {
    const target = new URL(app?.address ?? "", newUrl);
    target.hash = location.hash;
    setTimeout(() => location.replace(target), 300);
    return;
  }
  const at = new Date();
  if (code === 4000) {
    const shownReason = reason === "sharing ended" ? "" : reason;
    setState("ended", () => `sharing ended at ${formatTime(at)}${shownReason ? ` (${shownReason})` : ""}`);
  } else if (code === 4006) {
    showLocked(reason);
  } else if (code === 4003) {
    setState("full", () => `no seat is free: ${reason}; this page looks again by itself`);
  } else if (code === 4001) {
    if (html.dataset.state !== "moved") handleMoved([]);
  } else if (!["reconnecting", ...CLOSED_STATES].includes(html.dataset.state)) {
    setState("reconnecting", () => `reconnecting… (since ${formatTime(at)})`);
  } else {
    checkLogin();
  }
  const isClosed = CLOSED_STATES.includes(html.dataset.state);
  reconnectTimer = setTimeout(connect, isClosed ? MAX_RECONNECT_DELAY : reconnectDelay);
  reconnectDelay = Math.min(reconnectDelay * 2, MAX_RECONNECT_DELAY);
}

function reconnectNow() {
  if (!newUrl && socket?.readyState >= WebSocket.CLOSING) connect();
}

addEventListener("online", () => {
  // a websocket that was open before the browser went offline may look open and be dead
  if (!newUrl && socket?.readyState === WebSocket.OPEN) dropConnection();
  reconnectNow();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  hasUnseenChange = false;
  updateTabTitle();
  reconnectNow();
});
setInterval(refreshTimes, 10_000);
loginButton.addEventListener("click", () => location.reload());
logoutButton?.addEventListener("click", async () => {
  await fetch(resolveUrl("logout"), { method: "POST" });
  location.reload();
});

if (html.dataset.app) {
  const { App } = await import("./app.js");
  const watchWidth = (root) => resizeObserver.observe(root);
  app = new App({ createElement, resolveUrl, loadBokeh, loadBundle, setText, updateTitle, watchWidth });
}

// A page that was saved to a file contains its messages and BokehJS.
const saved = document.getElementById("saved");

if (saved) {
  const at = new Date(Number(saved.dataset.at));
  setState("saved", () => `as it was on ${at.toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}`);
  // bundles of the author's own models are named by their digests
  for (const part of saved.dataset.parts.split(" ")) loadingScripts.set(part, Promise.resolve());
  for (const line of saved.textContent.trim().split("\n")) {
    const message = decodeMessage(Uint8Array.from(atob(line), (char) => char.charCodeAt(0)).buffer);
    if (message.kind === "page") applyBundles(message);
    enqueueMessage(message);
  }
  processQueue();
} else {
  loadBokeh(app?.parts ?? []).catch(() => {});
  connect();
  setInterval(checkHeartbeat, 1000);
}
