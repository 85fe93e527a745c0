// Finds the items of a list that can stay while the others are moved into another order.

/**
 * Returns the longest run of wanted items that are present in that order already.
 * @template Item
 * @param {Item[]} wanted
 * @param {Item[]} present
 * @returns {Item[]}
 */
export function findStayingItems(wanted, present) {
  const indices = new Map(present.map((item, index) => [item, index]));
  const indexOf = (/** @type {Item} */ item) => indices.get(item) ?? -1;
  /** @type {Item[][]} The longest run that ends with each item. */
  const runs = [];
  /** @type {Item[]} */
  let staying = [];
  for (const item of wanted.filter((each) => indices.has(each))) {
    /** @type {Item[]} */
    let longest = [];
    for (const run of runs) {
      const last = /** @type {Item} */ (run.at(-1));
      if (run.length > longest.length && indexOf(last) < indexOf(item)) longest = run;
    }
    const run = [...longest, item];
    runs.push(run);
    if (run.length > staying.length) staying = run;
  }
  return staying;
}
