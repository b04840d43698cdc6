/**
 * Counts the bytes that requests and answers hold in this worker, for `server.max_buffered`. What is counted is what
 * they keep for later: bodies, what was made of them for a provider, answers that are not yet whole.
 */
export class ByteMeter {
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** @param bytes negative: that are no longer held */
  add(bytes: number): void {
    this.#bytes += bytes;
  }
}
