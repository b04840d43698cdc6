/**
 * Counts the bytes that requests and answers hold in this worker, for `server.max_buffered`. What is counted is what
 * they keep for later: bodies, what was made of them for a provider, answers and events that are not yet whole.
 */
export class ByteMeter {
  /** The limit for all of them. */
  most: number;
  #bytes = 0;

  constructor(most: number) {
    this.most = most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @param bytes negative: that are no longer held */
  add(bytes: number): void {
    this.#bytes += bytes;
  }
}

/** So little always finds room: bodies that fill the limit must not break answers that are paid and nearly there. */
const ALWAYS_HELD_BYTES = 64 * 1024;

/** What one of them holds. */
export class HeldBytes {
  readonly #meter: ByteMeter;
  #bytes = 0;
  #closed = false;

  constructor(meter: ByteMeter) {
    this.#meter = meter;
  }

  /** Sets what it holds now. False if it has grown beyond a little, and all together hold more than the limit. */
  set(bytes: number): boolean {
    const more = bytes - this.#bytes;
    if (more === 0 || this.#closed) return true;
    this.#bytes = bytes;
    this.#meter.add(more);
    return more < 0 || bytes <= ALWAYS_HELD_BYTES || this.#meter.bytes <= this.#meter.most;
  }

  /** It holds nothing any more, whatever is set later. */
  close(): void {
    this.set(0);
    this.#closed = true;
  }
}
