// Shows what the author shares: the websocket brings whole plots and patches, `plot.js` draws them.
// On the page of an app it only tells how the share is; the app's own document is for `app.js`.

const html = document.documentElement;
const list = document.querySelector(".cards");
const stateWord = document.querySelector(".top .word");
const lasting = document.querySelector(".top .lasting");
const lastChange = document.querySelector(".top .changed");
const enter = document.querySelector(".top .enter");
const leave = document.querySelector(".top .leave");
const empty = document.querySelector(".empty");

const FIRST_DELAY = 1000;
const LONGEST_DELAY = 10_000;

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

// For `fetch`, which refuses addresses with a name and a password, as a page's own has it that was opened by
// http://user:password@host/.
const addressOf = (path) => new URL(path, location.origin + location.pathname);

const scripts = new Map();
// By it the page's policy knows what this script adds. That of an app's page knows it by where it comes from.
const nonce = html.dataset.app ? "" : document.querySelector("script[type=module]").nonce;

function load(name, src = `bokeh/${html.dataset.bokeh}/${name}.min.js`, integrity = "") {
  if (!scripts.has(name)) {
    const script = Object.assign(document.createElement("script"), { src, integrity, nonce, async: false });
    scripts.set(name, new Promise((resolve, reject) => {
      script.onload = resolve;
      script.onerror = () => {
        scripts.delete(name);
        script.remove();
        reject(new Error(`${src.split("/").at(-1)} could not be loaded`));
      };
    }));
    document.head.append(script);
  }
  return scripts.get(name);
}

// The scripts of models of the author's own, by type: null for one that could not be compiled, none as long as
// it is being compiled. BokehJS knows one model of a type, so what is loaded stays until the page is.
let bundles = {};
const loadedBundles = new Map();
let onBundles = [];
const CUSTOM = "custom/";
const LACKS = {
  compiling: "A model of its author’s own is being compiled…",
  failed: "This can’t be shown: a model of its author’s own does not compile. Its author has been told.",
};

// At once: a plot may wait for them, and with it all that came after it.
function takeBundles(message) {
  bundles = message.bundles;
  for (const tell of onBundles.splice(0)) tell();
}

const isSuperseded = ({ bundles }) => [...loadedBundles].some(([type, digest]) => {
  return bundles[type] && bundles[type].digest !== digest;
});

async function loadBundle(type) {
  while (!(type in bundles)) await new Promise((resolve) => onBundles.push(resolve));
  if (bundles[type] === null) throw Object.assign(new Error(LACKS.failed), { isForViewers: true });
  const { digest, integrity } = bundles[type];
  loadedBundles.set(type, digest);
  await load(digest, `bundle/${digest}.js`, integrity);
}

// BokehJS looks for MathJax when it draws the first text that may have mathematics in it, and not again where
// it is not there yet. By this name BokehJS's extensions import the module.
async function findMathJax() {
  const { default_provider: provider } = Bokeh.require("models/text/providers");
  if (provider.status === "failed") await provider.fetch();
}

async function loadBokeh(parts) {
  await load("bokeh");
  // `Bokeh.set_log_level` would write into the log that it was called
  Bokeh.logger.set_level("warn");
  letColumnsGrow();
  const custom = parts.filter((part) => part.startsWith(CUSTOM));
  await Promise.all(parts.filter((part) => !custom.includes(part)).map((part) => load(`bokeh-${part}`)));
  if (parts.includes("mathjax")) await findMathJax();
  // their implementations may begin with what is in the others
  await Promise.all(custom.map((part) => loadBundle(part.slice(CUSTOM.length))));
}

const clock = { hour: "2-digit", minute: "2-digit" };

function momentOf(date) {
  const today = date.toDateString() === new Date().toDateString();
  return today ? date.toLocaleTimeString([], clock)
    : date.toLocaleString([], { ...clock, day: "numeric", month: "short" });
}

function ago(ms) {
  // a viewer's clock may be behind the author's
  const minutes = Math.max(0, Date.now() - ms) / 60_000;
  if (minutes < 0.75) return "just now";
  if (minutes < 59.5) return `${Math.max(1, Math.round(minutes))} min ago`;
  if (minutes < 23.5 * 60) return `${Math.round(minutes / 60)} h ago`;
  return momentOf(new Date(ms));
}

function setText(node, text) {
  // writing the same text again would make a screen reader say it again
  if (node.textContent !== text) node.textContent = text;
}

function tellTime(holder, ms) {
  holder.hidden = !ms;
  if (!ms) return;
  const time = holder.querySelector("time");
  const date = new Date(ms);
  setText(time, ago(ms));
  time.dateTime = date.toISOString();
  time.title = date.toLocaleString();
}

// On the page of an app: its document.
let app = null;

let describeState = () => "connecting…";

function setState(state, describe) {
  html.dataset.state = state;
  describeState = describe;
  setText(stateWord, describe());
  lasting.hidden = state !== "busy";
  enter.hidden = state !== "locked";
  if (leave) leave.hidden = state === "locked";
  app?.look(state);
}

function tick() {
  setText(stateWord, describeState());
  tellLasting();
  tellTime(lastChange, Math.max(app?.changed ?? 0, ...[...cards.values()].map((card) => card.changed)));
  for (const card of [...cards.values(), ...listed.values()]) tellTime(card.when, card.changed);
}

// Since when the author's kernel runs a cell, by the viewer's clock.
let busySince = null;

function tellLive() {
  const { paused } = page;
  if (paused) setState("paused", () => `paused by the author at ${momentOf(new Date(paused))}`);
  else if (busySince) setState("busy", () => `author’s kernel busy since ${momentOf(busySince)}`);
  else setState("live", () => "live");
  tellLasting();
}

// Apart from the state, which a screen reader would say again each time.
function tellLasting() {
  lasting.hidden = html.dataset.state !== "busy";
  if (lasting.hidden) return;
  const minutes = Math.floor((Date.now() - busySince) / 60_000);
  const hours = Math.floor(minutes / 60);
  setText(lasting, minutes < 1 ? "for a moment" : hours < 1 ? `for ${minutes} min` : `for ${hours} h ${minutes % 60} min`);
}

function tellBusy(seconds) {
  busySince = seconds === null ? null : new Date(Date.now() - seconds * 1000);
  if (["live", "busy"].includes(html.dataset.state)) tellLive();
}

let page = { epoch: null, version: null, title: document.title };
const cards = new Map();
const listed = new Map();

// An app as the page of all plots lists it, before them.
function listApps(apps) {
  for (const [name, card] of listed) {
    if (apps.some((each) => each.name === name)) continue;
    listed.delete(name);
    card.section.remove();
  }
  for (const { name, about, changed } of apps) {
    if (!listed.has(name)) {
      const link = element("a", "", name);
      link.href = encodeURIComponent(name);
      const when = element("p", "changed", "changed ", element("time", ""));
      const caption = element("p", "caption");
      const header = element("header", "", element("h2", "", link), when);
      listed.set(name, { section: element("section", "card app", header, caption), when, caption });
    }
    const card = listed.get(name);
    card.changed = changed;
    setText(card.caption, about);
    card.caption.hidden = !about;
  }
  return apps.map(({ name }) => listed.get(name).section);
}

function makeCard(plot) {
  const name = element("h2", "");
  const caption = element("p", "caption");
  const when = element("p", "changed", "changed ", element("time", ""));
  const frame = element("div", "plot");
  const trouble = element("p", "trouble");
  trouble.hidden = true;
  frame.setAttribute("role", "region");
  const section = element("section", "card", element("header", "", name, when), caption, frame, trouble);
  section.dataset.plot = plot.id;
  section.addEventListener("animationend", () => section.classList.remove("glowing"));
  const card = {
    section, name, caption, when, frame, trouble,
    lacks: null, changed: 0, wanted: 0, shown: null, drawing: null, drawn: null, epoch: null, generation: null, version: -1,
    // owed: the page says it changed, the change itself is not here yet
    owed: true, asked: null, awaiting: false,
  };
  widths.observe(frame);
  return card;
}

function nameCard(card, { name, caption }) {
  setText(card.name, name ?? "");
  card.name.hidden = !name;
  setText(card.caption, caption ?? "");
  card.caption.hidden = !caption;
  card.frame.setAttribute("aria-label", name ? `Plot ${name}` : "Plot");
  if (card.section.id === (name ?? "")) return;
  if (name && !document.getElementById(name)) card.section.id = name;
  else card.section.removeAttribute("id");
}

// What is on screen stays there meanwhile.
function tellLack(card, { lacks }) {
  if (lacks) setText(card.trouble, LACKS[lacks]);
  if (lacks || card.lacks) card.trouble.hidden = !lacks;
  card.lacks = lacks;
}

function dropCard(id) {
  const card = cards.get(id);
  cards.delete(id);
  widths.unobserve(card.frame);
  card.drawing?.destroy();
  card.section.remove();
}

// Moving a node loses focus and scroll inside it: the longest run already in order stays put.
function arrange(sections) {
  const place = new Map([...list.children].map((section, index) => [section, index]));
  let staying = [];
  const runs = [];
  for (const section of sections.filter((each) => place.has(each))) {
    let longest = [];
    for (const run of runs) {
      if (run.length > longest.length && place.get(run.at(-1)) < place.get(section)) longest = run;
    }
    runs.push([...longest, section]);
    if (longest.length + 1 > staying.length) staying = runs.at(-1);
  }
  let next = null;
  for (const section of [...sections].reverse()) {
    if (!staying.includes(section)) list.insertBefore(section, next);
    next = section;
  }
}

// Made for another version than this page is: it loads itself again, once. So it does where a model of the
// author's own has another implementation than the one that is loaded.
function isOutdated(message) {
  if (!isSuperseded(message)) return isMadeForAnother(message);
  location.reload();
  return true;
}

function isMadeForAnother({ made }) {
  if (!made || made === html.dataset.made || sessionStorage.getItem("made") === made) return false;
  sessionStorage.setItem("made", made);
  location.reload();
  return true;
}

function applyPage(message) {
  if (message.epoch !== page.epoch) {
    for (const card of cards.values()) Object.assign(card, { version: -1, owed: true });
  }
  const { epoch, version, title, paused } = message;
  page = { epoch, version, title: app ? page.title : title, paused };
  html.dataset.epoch = message.epoch;
  retitle(page.title);
  if (html.dataset.state !== "saved") tellLive();
  if (app) {
    app.tellOf(message.apps);
    tick();
    return;
  }
  const staying = new Set(message.plots.map((plot) => plot.id));
  for (const id of [...cards.keys()]) if (!staying.has(id)) dropCard(id);
  for (const plot of message.plots) {
    if (!cards.has(plot.id)) cards.set(plot.id, makeCard(plot));
    const card = cards.get(plot.id);
    if (card.changed !== plot.changed && card.version < message.version) card.owed = true;
    card.changed = plot.changed;
    card.wanted = plot.generation;
    nameCard(card, plot);
    tellLack(card, plot);
  }
  const first = listApps(message.apps);
  arrange([...first, ...message.plots.map((plot) => cards.get(plot.id).section)]);
  empty.hidden = cards.size + listed.size > 0;
  tick();
}

const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) measure(target.closest(".plot"));
});

function measure(frame) {
  if (!frame) return;
  const wide = frame.scrollWidth > frame.clientWidth;
  frame.classList.toggle("wide", wide);
  if (wide) frame.tabIndex = 0;
  else frame.removeAttribute("tabindex");
}

// BokehJS 3.9 listens at the viewport that `plot.js` lends it.
window.visualViewport?.addEventListener("resize", () => {
  for (const { drawing } of cards.values()) drawing?.viewport.dispatchEvent(new Event("resize"));
});

function replace(card, drawing) {
  const former = card.drawing;
  card.drawing = drawing;
  drawing.reveal(former);
  for (const root of drawing.paper.children) widths.observe(root);
}

// Who fell too far behind for a patch gets all of it again, and keeps their zoom.
async function whole({ frame, drawing, drawn }, message) {
  if (!drawing || drawn !== message.epoch) return Drawing.of(frame, message);
  return drawing.anew(message).catch(() => Drawing.of(frame, message));
}

async function applyPlot(message) {
  const card = cards.get(message.plot);
  if (!card || message.epoch !== page.epoch) return;
  const { epoch, base, generation } = message;
  if (base !== null && card.awaiting) return;
  const has = (wanted) => card.epoch === epoch && card.generation === wanted;
  card.awaiting = false;
  try {
    await loadBokeh(message.parts);
    if (base === null) {
      // after a reconnect: the viewer's zoom is worth more than drawing the same again
      if (!has(generation)) replace(card, await whole(card, message));
    } else {
      if (!has(base)) throw new Error("the plot that was to change is not here");
      if (message.way === "patch") await card.drawing.update(message);
      else replace(card, await card.drawing.anew(message));
    }
    stand(card, message);
  } catch (error) {
    fail(card, message, error);
  }
  measure(card.frame);
}

// Whoever looks at another tab sees there that something changed here.
let unseen = false;

function titleTab() {
  document.title = unseen ? `● ${page.title}` : page.title;
}

function retitle(title) {
  page.title = title;
  titleTab();
  setText(document.querySelector("h1"), title);
}

function stand(card, { epoch, generation, version }) {
  if (opened && card.shown !== card.changed) {
    card.section.classList.add("glowing");
    unseen = document.hidden;
    titleTab();
  }
  Object.assign(card, { epoch, generation, version, shown: card.changed, owed: generation < card.wanted });
  card.drawn = epoch;
  Object.assign(card.section.dataset, { epoch, generation });
  card.trouble.hidden = true;
}

// The author is told which kind of failure it was; the words of an error may be anything.
function reasonOf(error) {
  const message = String(error?.message ?? error);
  if (/^could not resolve type/.test(message)) return "type";
  return message.endsWith("could not be loaded") ? "loading" : "drawing";
}

// Half a patch may have been applied, so whatever stands there counts as no generation at all.
function fail(card, { plot, epoch, generation, version }, error) {
  console.warn(`plot ${plot} could not be drawn:`, error);
  Object.assign(card, { epoch: null, generation: null, version, owed: true });
  const asking = `${epoch} ${generation}`;
  if (!saved && card.asked !== asking) {
    if (socket.readyState !== WebSocket.OPEN) return;
    card.asked = asking;
    card.awaiting = true;
    socket.send(JSON.stringify({ want: plot }));
    return;
  }
  if (!saved && socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ failed: plot, generation, reason: reasonOf(error) }));
  }
  const isUnknown = reasonOf(error) === "type";
  const words = isUnknown ? "it has a model that BokehJS does not know" : error?.message ?? error;
  setText(card.trouble, `This plot could not be drawn: ${words}`);
  card.trouble.hidden = false;
}

let inbox = [];
let working = false;
// once what was there when the page was opened is on screen, what comes is news
let opened = false;

function decode(frame) {
  const length = new DataView(frame).getUint32(0);
  const message = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 4, length)));
  let start = 4 + length;
  message.buffers = new Map((message.buffers ?? []).map(([id, size]) => {
    return [id, frame.slice(start, start += size)];
  }));
  return message;
}

// The list of plots goes ahead of the plots that wait: what it no longer names need not be drawn.
function putInInbox(message) {
  if (message.kind === "page") {
    const staying = new Set(message.plots.map((plot) => plot.id));
    inbox = inbox.filter((each) => each.kind === "plot" && each.epoch === message.epoch && staying.has(each.plot));
    inbox.unshift(message);
  } else {
    if (message.base === null) inbox = inbox.filter((each) => each.plot !== message.plot);
    inbox.push(message);
  }
}

async function workThroughInbox() {
  if (working) return;
  working = true;
  try {
    while (inbox.length) {
      const message = inbox.shift();
      if (message.kind === "page") applyPage(message);
      else await applyPlot(message);
    }
  } finally {
    working = false;
  }
  html.dataset.version = page.version;
  if (!opened && [...cards.values()].every((card) => card.version >= 0 || card.lacks)) {
    opened = true;
    if (scrollY === 0) goToNamedCard();
  }
}

// The browser looked for #name before there were any cards.
function goToNamedCard() {
  for (const { section } of cards.values()) {
    if (section.id && new URL(`#${section.id}`, location).hash === location.hash) section.scrollIntoView();
  }
}

let socket;
let retry;
// States in which it makes little sense to ask again soon.
const OVER = ["ended", "moved", "full", "locked"];
let delay = FIRST_DELAY;
let following = null;

// To name a version is to say that nothing up to it is missing.
function versionQuery() {
  const complete = page.epoch !== null && !working && [...cards.values()].every((card) => !card.owed);
  const { epoch, version } = page;
  if (app) return "?app=";
  return complete ? `?${new URLSearchParams({ epoch, version })}` : "";
}

function connect() {
  clearTimeout(retry);
  const url = new URL(`ws${versionQuery()}`, location);
  url.protocol = url.protocol.replace("http", "ws");
  const mine = socket = new WebSocket(url);
  mine.binaryType = "arraybuffer";
  mine.onopen = () => {
    busySince = null;
    for (const card of cards.values()) card.awaiting = false;
  };
  mine.onmessage = ({ data }) => receive(data);
  mine.onclose = onClose;
  setTimeout(() => { if (mine.readyState === WebSocket.CONNECTING) mine.close(); }, LONGEST_DELAY);
}

// The browser may take minutes to notice that the other end is gone; the server breaks any silence.
let heard = performance.now();
let pulse = null;

function watchPulse() {
  const silent = performance.now() - heard;
  // of a plot that is on its way nothing is heard until all of it is here
  const patience = [...cards.values()].some((card) => card.owed) ? 12_500 : 2500;
  if (!pulse || socket.readyState !== WebSocket.OPEN || silent < pulse * patience) return;
  giveUp();
}

// Closing by the protocol would wait for an answer.
function giveUp() {
  app?.suspect();
  socket.onclose = null;
  socket.onmessage = null;
  socket.close();
  onClose({ code: 1006, reason: "" });
}

function receive(frame) {
  heard = performance.now();
  let message;
  try {
    message = decode(frame);
  } catch (error) {
    console.warn("a message could not be read:", error);
    socket.close();
    return;
  }
  if (message.kind === "pulse") return;
  if (message.kind === "busy") return tellBusy(message.for);
  if (message.kind === "moved") return prepareToMove(message.urls);
  if (message.kind === "page") {
    if (isOutdated(message)) return;
    takeBundles(message);
    delay = FIRST_DELAY;
    pulse = message.pulse;
  }
  putInInbox(message);
  workThroughInbox();
}

// What comes before the port, where a notebook's server leads to it.
const wayOf = ({ pathname }) => pathname.match(/^(.*\/proxy\/)\d+\//)?.[1];

function prepareToMove(urls) {
  following = urls.map((url) => new URL(url, location)).find((url) => {
    const isHere = url.hostname === location.hostname && wayOf(url) === wayOf(location);
    return isHere && /^https?:$/.test(url.protocol);
  });
  setState("moved", () => following
    ? "moving to a new address…"
    : "sharing has moved to an address that this page can’t follow");
}

// Why a websocket was refused is not told to a page.
async function askForLock() {
  try {
    const { status } = await fetch(addressOf("login/state"), { cache: "no-store" });
    if (status === 200 && socket.readyState >= WebSocket.CLOSING) tellLocked("a password is asked for");
  } catch {
    // nobody is there at the moment
  }
}

function tellLocked(reason) {
  if (html.dataset.state === "locked") return;
  setState("locked", () => reason);
}

function onClose({ code, reason }) {
  if (following) {
    const there = new URL(app?.address ?? "", following);
    there.hash = location.hash;
    setTimeout(() => location.replace(there), 300);
    return;
  }
  const at = new Date();
  if (code === 4000) {
    const told = reason === "sharing ended" ? "" : reason;
    setState("ended", () => `sharing ended at ${momentOf(at)}${told ? ` (${told})` : ""}`);
  } else if (code === 4006) {
    tellLocked(reason);
  } else if (code === 4003) {
    setState("full", () => `no seat is free: ${reason}; this page looks again by itself`);
  } else if (code === 4001) {
    if (html.dataset.state !== "moved") prepareToMove([]);
  } else if (!["reconnecting", ...OVER].includes(html.dataset.state)) {
    setState("reconnecting", () => `reconnecting… (since ${momentOf(at)})`);
  } else {
    askForLock();
  }
  const over = OVER.includes(html.dataset.state);
  retry = setTimeout(connect, over ? LONGEST_DELAY : delay);
  delay = Math.min(delay * 2, LONGEST_DELAY);
}

function connectAtOnce() {
  if (!following && socket?.readyState >= WebSocket.CLOSING) connect();
}

addEventListener("online", () => {
  // what was open before the browser was offline may look so still, and be dead
  if (!following && socket?.readyState === WebSocket.OPEN) giveUp();
  connectAtOnce();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = false;
  titleTab();
  connectAtOnce();
});
setInterval(tick, 10_000);
enter.addEventListener("click", () => location.reload());
leave?.addEventListener("click", async () => {
  await fetch(addressOf("logout"), { method: "POST" });
  location.reload();
});

if (html.dataset.app) {
  const { App } = await import("./app.js");
  app = new App({ element, addressOf, loadBokeh, loadBundle, setText, retitle, watchWidth: (root) => widths.observe(root) });
}

// A page that was saved to a file has all its messages in it, and BokehJS as well.
const saved = document.getElementById("saved");

if (saved) {
  const at = new Date(Number(saved.dataset.at));
  setState("saved", () => `as it was on ${at.toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}`);
  // those of the author's own models by their digests
  for (const part of saved.dataset.parts.split(" ")) scripts.set(part, Promise.resolve());
  for (const line of saved.textContent.trim().split("\n")) {
    const message = decode(Uint8Array.from(atob(line), (char) => char.charCodeAt(0)).buffer);
    if (message.kind === "page") takeBundles(message);
    putInInbox(message);
  }
  workThroughInbox();
} else {
  loadBokeh(app?.parts ?? []).catch(() => {});
  connect();
  setInterval(watchPulse, 1000);
}
