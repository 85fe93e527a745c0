// Finds the figure of a canvas, and gives BokehJS's elements the styles for touch and paper.

import { findTakenTouches } from "./touch_rules.mjs";

/** @import { TakenTouches } from "./touch_rules.mjs" */

// BokehJS lets a figure with an active tool keep the finger. `data-awake` marks a figure that a viewer is using.
const CANVAS_STYLE = `
  .bk-events { touch-action: manipulation !important; }
  :host([data-awake])::after {
    content: "";
    position: absolute;
    inset: 0;
    border: 3px solid #2a93a8;
    pointer-events: none;
  }
  @media print { :host([data-awake])::after { content: none; } }
`;
const BUTTON_STYLE = ":host { touch-action: manipulation !important; }";

const STYLED = Symbol("has the styles for touch");

// Toolbars keep their space on paper, so that nothing moves.
const TOOLBAR_STYLE = "@media print { :host { visibility: hidden !important; } }";

// Applies to all canvases, tool buttons and toolbars that BokehJS makes from now on.
export function patchElementStyles() {
  addStyle(Bokeh.require("models/canvas/canvas").CanvasView.prototype, CANVAS_STYLE);
  addStyle(Bokeh.require("models/tools/tool_button").ToolButtonView.prototype, BUTTON_STYLE);
  addStyle(Bokeh.require("models/tools/toolbar").ToolbarView.prototype, TOOLBAR_STYLE);
}

/**
 * Adds a style to all views of a kind that BokehJS makes from now on.
 * @param {any} proto of a view
 * @param {string} style
 */
export function addStyle(proto, style) {
  if (Object.hasOwn(proto, STYLED)) return;
  proto[STYLED] = true;
  const { stylesheets } = proto;
  /** @this {BokehJS.View} */
  proto.stylesheets = function () {
    return [...stylesheets.call(this), style];
  };
}

/**
 * Returns the element of a canvas on which BokehJS listens, if the event is on the canvas itself: that element also
 * contains the legends and the toolbar.
 * @param {Event} event
 */
export function findHitArea(event) {
  const [target] = event.composedPath();
  return target instanceof HTMLElement && target.matches(".bk-events") ? target : null;
}

/**
 * Returns true if the figure is in a card that fills the screen, and the viewer has nothing to scroll there.
 * @param {HTMLElement} hitArea
 */
export function isFillingScreen(hitArea) {
  const frame = findOuterElement(hitArea).closest(".full-screen > .plot");
  return frame !== null && frame.scrollHeight <= frame.clientHeight && frame.scrollWidth <= frame.clientWidth;
}

/**
 * @param {HTMLElement} hitArea
 * @returns {BokehJS.View | undefined}
 */
export function findFigure(hitArea) {
  return listFigures().find(({ canvas_view }) => canvas_view.events_el === hitArea);
}

/**
 * Returns the figures of a plot or an app, in the order of the document, without a drawing that is not shown yet.
 * @param {Element | null} frame
 */
export function listFiguresIn(frame) {
  return listFigures().filter(({ el }) => {
    const outer = findOuterElement(el);
    return outer.closest(".plot") === frame && !outer.closest(".offscreen");
  });
}

/**
 * Returns the element itself, or the one in the page that has it in its shadow tree.
 * @param {Element} element
 * @returns {Element}
 */
export function findOuterElement(element) {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? findOuterElement(root.host) : element;
}

/**
 * Returns the touches that the figure takes by its tools, from this point.
 * @param {BokehJS.View} figure
 * @param {{ clientX: number, clientY: number }} point
 * @returns {TakenTouches}
 */
export function readTakenTouches(figure, { clientX, clientY }) {
  const { model, canvas_view } = figure;
  const { left, top } = canvas_view.events_el.getBoundingClientRect();
  const hits = canvas_view.ui_event_bus.hit_test_renderers(figure, clientX - left, clientY - top);
  return findTakenTouches(model.toolbar.tools, listEvents(model), hits.some(isDraggable));
}

/**
 * @param {BokehJS.Model} model
 * @returns {string[]}
 */
function listEvents({ subscribed_events, js_event_callbacks }) {
  const callbacks = js_event_callbacks instanceof Map ? js_event_callbacks.keys() : Object.keys(js_event_callbacks);
  return [...subscribed_events, ...callbacks];
}

/** @param {object} view */
const isDraggable = (view) => "on_pan_start" in view;

function listFigures() {
  if (!("Bokeh" in window)) return []; // a page of pictures does not load it
  return Bokeh.documents.flatMap(({ views_manager }) => {
    return [...views_manager?.query(({ canvas_view }) => canvas_view?.events_el) ?? []];
  });
}
