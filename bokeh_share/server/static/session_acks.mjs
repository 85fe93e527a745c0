// Tells when the kernel has processed the changes that a viewer made in an app's document.

/**
 * @typedef {object} SessionHandlers
 * @property {(events: DocumentEvent[]) => void} onSent called with the changes of one message to the kernel
 * @property {() => void} onProcessed called when the kernel has processed the oldest message
 *
 * A change of a model's property, or an event of a model such as a click.
 * @typedef {{ sync: boolean, model?: BokehJS.Model, msg_data?: { origin?: BokehJS.Model | null }, events?: DocumentEvent[] }}
 *   DocumentEvent
 */

/** @type {WeakMap<BokehJS.Document, SessionHandlers>} */
const handlersByDocument = new WeakMap();
const PATCHED = Symbol("is watched");

/**
 * Called before the document is opened.
 * @param {any} proto of BokehJS's session
 */
export function patchSession(proto) {
  if (Object.hasOwn(proto, PATCHED)) return;
  proto[PATCHED] = true;
  const { handle, _document_changed } = proto;
  /** @param {DocumentEvent} event */
  proto._document_changed = function (event) {
    _document_changed.call(this, event);
    const events = listSent(event);
    if (events.length > 0) handlersByDocument.get(this.document)?.onSent(events);
  };
  /** @param {{ msgtype(): string }} message */
  proto.handle = function (message) {
    handle.call(this, message);
    // the kernel answers each message in order
    if (["OK", "ERROR"].includes(message.msgtype())) handlersByDocument.get(this.document)?.onProcessed();
  };
}

/**
 * @param {BokehJS.Document} bokeh
 * @param {SessionHandlers} handlers
 */
export function watchSession(bokeh, handlers) {
  handlersByDocument.set(bokeh, handlers);
}

/**
 * Returns the changes that BokehJS sends to the kernel, as it chooses them.
 * @param {DocumentEvent} event
 */
function listSent(event) {
  if (event.events && !event.sync) return [];
  return (event.events ?? [event]).filter(({ sync }) => sync);
}
