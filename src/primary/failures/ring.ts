/** The last things of many, in a fixed number of places: what comes takes the place of the oldest. */

export class Ring<T> {
  readonly #places: T[] = [];
  readonly #size: number;
  #next = 0;

  /** @param size from 1 */
  constructor(size: number) {
    this.#size = size;
  }

  push(item: T): void {
    this.#places[this.#next] = item;
    this.#next = (this.#next + 1) % this.#size;
  }

  /** All of them, the newest first. */
  newestFirst(): T[] {
    return [...this.#places.slice(this.#next), ...this.#places.slice(0, this.#next)].reverse();
  }
}
