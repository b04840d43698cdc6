/**
 * A list of elements that stand for things with a key. What stands is changed in place and never replaced, and is moved only
 * where the order has changed: focus, selection and a click that has begun survive each update.
 */

/**
 * Keeps such a list.
 *
 * @template T
 * @param {Element} parent holds these rows alone, behind `after`
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => { row: Element, update: (item: T) => void }} make
 * @param {Element | null} [after]
 * @returns {(items: readonly T[]) => void} draws a list; of items with the same key only the first is drawn
 */
export function keyedRows(parent, keyOf, make, after = null) {
  /** @type {Map<string, { row: Element, update: (item: T) => void }>} */
  const standing = new Map();
  return (items) => {
    /** @type {Map<string, T>} */
    const wanted = new Map();
    for (const item of items) {
      const key = keyOf(item);
      if (!wanted.has(key)) wanted.set(key, item);
    }
    for (const [key, { row }] of standing) {
      if (wanted.has(key)) continue;
      row.remove();
      standing.delete(key);
    }
    let next = after === null ? parent.firstElementChild : after.nextElementSibling;
    for (const [key, item] of wanted) {
      let held = standing.get(key);
      if (held === undefined) {
        held = make(item);
        standing.set(key, held);
      }
      held.update(item);
      if (held.row === next) next = next.nextElementSibling;
      else parent.insertBefore(held.row, next);
    }
  };
}
