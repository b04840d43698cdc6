/**
 * Collects bytes that come in chunks of any size, in one growing buffer. A chunk is an object of some hundred bytes
 * beside its content, so a list of chunks of one byte takes hundreds of times what was sent.
 *
 * A first chunk is kept as it is: nearly all bodies are one chunk, and are never copied. The buffer grows to the
 * eightfold of what has come, and beyond some megabytes to the most that may come. That is only an address range: memory
 * is taken as it is written to. What was copied stays in memory until the next collection, so the last copy is early.
 */

const NOTHING = Buffer.alloc(0);
const GROWTH = 8;

/** A buffer that would grow further grows to the most at once. */
const LAST_GROWTH_BYTES = 4 * 1024 * 1024;

/** Where more may come, it is not reserved at once. */
const LARGEST_RESERVE_BYTES = 64 * 1024 * 1024;

/** A first chunk that is smaller is copied, so that it does not keep the whole read alive of which it is a part. */
const KEPT_SHARE = 4;

export class ByteHold {
  #buffer: Buffer = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** All bytes in one buffer, without a copy. A later `push` does not extend it. */
  get bytes(): Buffer {
    return this.#length === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#length);
  }

  /** @param most there will not be more bytes than this in all, as far as is known */
  push(chunk: Buffer, most = Number.MAX_SAFE_INTEGER): void {
    const needed = this.#length + chunk.length;
    if (this.#length === 0 && chunk.length * KEPT_SHARE >= chunk.buffer.byteLength) {
      this.#buffer = chunk;
    } else {
      if (this.#length === 0 || needed > this.#buffer.length) this.#grow(needed, most);
      chunk.copy(this.#buffer, this.#length);
    }
    this.#length = needed;
  }

  clear(): void {
    this.#buffer = NOTHING;
    this.#length = 0;
  }

  /** A kept chunk is never written to: it has no room left. */
  #grow(needed: number, most: number): void {
    const wanted = needed * GROWTH;
    const isLast = wanted > LAST_GROWTH_BYTES && most <= LARGEST_RESERVE_BYTES;
    const grown = Buffer.allocUnsafe(Math.max(needed, isLast ? most : Math.min(wanted, most)));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
