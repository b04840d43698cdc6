/**
 * What is going on now, as a list from which anything can be taken at once: requests, time limits.
 *
 * Not a `Set`: one that many things enter and leave is rebuilt again and again, and each old table, once in V8's old
 * space, keeps its successor with all that is in it from being collected young. Of each request 5 KB were copied there,
 * which cost a tenth of a worker's time. Here a place that is left is written over.
 */

/** Something that may be on one active set at a time. */
export interface ActiveItem {
  /** Its place there, for the active set alone to write; anything before it was on one. */
  place: number;
}

export class ActiveSet<T extends ActiveItem> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** Puts it on; to be called once. */
  add(item: T): void {
    item.place = this.#items.length;
    this.#items.push(item);
  }

  /** Takes it off; false when it was not on it. */
  delete(item: T): boolean {
    const items = this.#items;
    if (items[item.place] !== item) return false;
    const last = items.pop();
    if (last !== undefined && last !== item) {
      items[item.place] = last;
      last.place = item.place;
    }
    return true;
  }

  /** All that is on it now, in no order, as a list of its own. */
  all(): T[] {
    return [...this.#items];
  }
}
