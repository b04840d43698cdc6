/**
 * The last entries by time, of which one frequent kind cannot push out the others: when there are too many, the oldest one of
 * the most numerous kind goes. So each kind has its newest ones until it has as many as any other, whatever comes. Pure.
 */

interface FairListOptions<Entry> {
  /** Most entries. From 1. */
  readonly most: number;
  readonly kindOf: (entry: Entry) => string;
  /** Its time, in ms. */
  readonly atMsOf: (entry: Entry) => number;
}

interface Placed<Entry> {
  readonly entry: Entry;
  readonly kind: string;
  readonly atMs: number;
}

export class FairList<Entry> {
  readonly #options: FairListOptions<Entry>;
  /** The oldest first. */
  #placed: Placed<Entry>[] = [];
  /** How many there are of each kind. */
  readonly #counts = new Map<string, number>();

  constructor(options: FairListOptions<Entry>) {
    this.#options = options;
  }

  /**
   * Puts an entry in its place by time, after those of the same time.
   *
   * @returns the one that had to go, which may be the new one; null if there was room
   */
  add(entry: Entry): Entry | null {
    const kind = this.#options.kindOf(entry);
    const atMs = this.#options.atMsOf(entry);
    const before = this.#placed.findLastIndex((each) => each.atMs <= atMs);
    this.#placed.splice(before + 1, 0, { entry, kind, atMs });
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    return this.#placed.length > this.#options.most ? this.#dropOne() : null;
  }

  /** Takes all of them, the oldest first. */
  takeAll(): Entry[] {
    const all = this.entries();
    this.#placed = [];
    this.#counts.clear();
    return all;
  }

  /** The oldest first. */
  entries(): Entry[] {
    return this.#placed.map(({ entry }) => entry);
  }

  get size(): number {
    return this.#placed.length;
  }

  /** Of kinds that are equally numerous, the one with the oldest entry loses it. */
  #dropOne(): Entry | null {
    const most = Math.max(...this.#counts.values());
    const [dropped] = this.#placed.splice(
      this.#placed.findIndex(({ kind }) => this.#counts.get(kind) === most),
      1,
    );
    if (dropped === undefined) return null;
    if (most === 1) this.#counts.delete(dropped.kind);
    else this.#counts.set(dropped.kind, most - 1);
    return dropped.entry;
  }
}
