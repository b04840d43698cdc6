/**
 * A list of connections by how long they have been idle, the longest first. Each request takes its connection out and
 * puts it back at the end, so both take constant time: every item knows its neighbours.
 */

/** What an item needs to be in a list; only the list writes it. */
export interface IdleItem<T> {
  before: T | null;
  after: T | null;
}

export class IdleList<T extends IdleItem<T>> {
  #first: T | null = null;
  #last: T | null = null;

  /** The one that has been idle for the longest time. */
  get first(): T | null {
    return this.#first;
  }

  /** Adds an item, which must be in no list. */
  append(item: T): void {
    item.before = this.#last;
    item.after = null;
    if (this.#last === null) this.#first = item;
    else this.#last.after = item;
    this.#last = item;
  }

  /** Removes an item, which must be in this list. */
  remove(item: T): void {
    const { before, after } = item;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    item.before = null;
    item.after = null;
  }
}
