/**
 * Bytes that are made of parts of a large text and of others between them, left where they are. Copied into one buffer,
 * 20 MB hold a thread for 10 ms and more, most of it to get the memory from the system.
 *
 *   piecesOf([images, name, images])      large: PiecedBytes, read piece by piece
 *                                         else: one buffer
 */

/** Either form. Both have a `length`. */
export type Bytes = Buffer | PiecedBytes;

/** Less is copied at once: it takes a fraction of a millisecond. */
const LARGE_BYTES = 1024 * 1024;

/** Smaller pieces are read together, in blocks of up to this size: each that is read is written to a socket. */
const BLOCK_BYTES = 256 * 1024;

/** Read by iterating, as often as wanted. What is small is copied only then, so that a slow reader takes little memory. */
class PiecedBytes {
  readonly length: number;
  readonly #pieces: readonly Buffer[];

  constructor(pieces: readonly Buffer[], length: number) {
    this.#pieces = pieces;
    this.length = length;
  }

  *[Symbol.iterator](): Generator<Buffer> {
    let block: Buffer[] = [];
    let size = 0;
    for (const piece of this.#pieces) {
      if (size > 0 && size + piece.length > BLOCK_BYTES) {
        yield Buffer.concat(block, size);
        block = [];
        size = 0;
      }
      if (piece.length >= BLOCK_BYTES) yield piece;
      else {
        block.push(piece);
        size += piece.length;
      }
    }
    if (size > 0) yield Buffer.concat(block, size);
  }
}

/** The pieces one after the other. They must not change as long as they may be read. */
export function piecesOf(pieces: readonly Buffer[]): Bytes {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length < LARGE_BYTES ? Buffer.concat(pieces, length) : new PiecedBytes(pieces, length);
}

/** All of them in one buffer; a buffer is returned as it is. */
export function inOneBuffer(bytes: Bytes): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.concat([...bytes], bytes.length);
}
