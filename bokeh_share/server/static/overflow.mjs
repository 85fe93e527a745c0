// Makes plots that are wider than their card scrollable by keyboard.

export class OverflowWatcher {
  #observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      // browsers keep an element in memory while it is observed, with the drawing that was there
      if (!target.isConnected) this.unwatch(target);
      updateOverflow(target.closest(".plot"));
    }
  });

  /**
   * A `.plot`, or an element in one.
   * @param {Element} element
   */
  watch(element) {
    this.#observer.observe(element);
  }

  /** @param {Element} element */
  unwatch(element) {
    this.#observer.unobserve(element);
  }
}

/** @param {Element | null} frame */
export function updateOverflow(frame) {
  if (!(frame instanceof HTMLElement)) return;
  const isOverflowing = frame.scrollWidth > frame.clientWidth;
  frame.classList.toggle("overflowing", isOverflowing);
  if (isOverflowing) frame.tabIndex = 0;
  else frame.removeAttribute("tabindex");
}
