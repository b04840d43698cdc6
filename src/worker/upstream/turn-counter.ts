/**
 * Counts what one message brings in one go, so that others have their turn after so much of it. Its sender decides how
 * the bytes are cut, and small chunks cost as much as large ones: so chunks count as well as bytes.
 */

/** After so many chunks, others have their turn. */
const TURN_CHUNKS = 2048;

/** Of one body. Its reader pauses when a turn is over, and reads on after the others. */
export class TurnCounter {
  readonly #mostBytes: number;
  #chunks = 0;
  #bytes = 0;

  /** @param mostBytes after so many, others have their turn */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Counts a chunk. True: the turn is over, and the next chunk begins another one. */
  isOver(chunkBytes: number): boolean {
    this.#chunks += 1;
    this.#bytes += chunkBytes;
    if (this.#chunks < TURN_CHUNKS && this.#bytes < this.#mostBytes) return false;
    this.#chunks = 0;
    this.#bytes = 0;
    return true;
  }
}
