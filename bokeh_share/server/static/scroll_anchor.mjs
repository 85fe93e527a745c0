// Keeps what the viewer sees in place while the page above it changes, in browsers that do not do so: Safari.

/**
 * @param {Element[]} elements in the page's order, some of which may be removed
 * @param {() => void} change
 */
export function keepInPlace(elements, change) {
  const places = isNeeded() ? elements.map((element) => ({ element, ...measure(element) })) : [];
  change();
  const anchor = places.find(({ element, bottom }) => bottom > 0 && element.isConnected);
  if (anchor) scrollBy({ top: measure(anchor.element).top - anchor.top, behavior: "instant" });
}

// A page that is not scrolled shows its top, also a new plot there.
const isNeeded = () => scrollY > 0 && !CSS.supports("overflow-anchor", "auto");

/** @param {Element} element */
function measure(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return { top, bottom };
}
