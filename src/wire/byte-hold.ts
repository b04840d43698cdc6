/**
 * Collects bytes that come in chunks of any size, in one growing buffer. A chunk is an object of some hundred bytes
 * beside its content, so a list of chunks of one byte takes hundreds of times what was sent.
 *
 * A first chunk is kept as it is: nearly all bodies are one chunk, and are never copied. The buffer grows to the
 * eightfold of what has come. That is only an address range: memory is taken as it is written to. So a large body is
 * copied once or twice, and what is left behind by the copies is an eighth of it.
 */

const NOTHING = Buffer.alloc(0);
const GROWTH = 8;

/** A first chunk that is smaller is copied, so that it does not keep the whole read alive of which it is a part. */
const KEPT_SHARE = 4;

export class ByteHold {
  #buffer: Buffer = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** All bytes in one buffer, without a copy. They may be changed by a later `push`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
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
    const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(needed * GROWTH, most)));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
