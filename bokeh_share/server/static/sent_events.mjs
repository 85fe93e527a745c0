// Sends pointer events of a finger to BokehJS, and knows them again.

export class SentEvents {
  /** @type {WeakSet<Event>} */
  #events = new WeakSet();

  /** @param {Event} event */
  has(event) {
    return this.#events.has(event);
  }

  /**
   * @param {"pointermove" | "pointerdown" | "pointerout"} type
   * @param {Element} target
   * @param {PointerEventInit} like an event at the same place, of the same finger, with the same modifiers
   */
  send(type, target, like = {}) {
    const { pointerId, clientX, clientY, screenX, screenY, ctrlKey, shiftKey, altKey, metaKey } = like;
    const event = new PointerEvent(type, {
      pointerId, clientX, clientY, screenX, screenY, ctrlKey, shiftKey, altKey, metaKey,
      pointerType: "touch",
      isPrimary: true,
      buttons: type === "pointerdown" ? 1 : 0,
      bubbles: true,
      cancelable: true,
      composed: true,
    });
    this.#events.add(event);
    target.dispatchEvent(event);
  }
}
