/**
 * Reads one HTTP answer from a connection, as far as the measured servers write them: with a length or in chunks.
 * Nothing of a body is kept; the events of a stream are counted by their beginnings.
 */
const EVENT = Buffer.from('data: ');
const LAST_CHUNK = '\r\n0\r\n\r\n';

/** The state of one answer. */
export class AnswerReader {
  status = 0;
  events = 0;
  done = false;
  #head = '';
  /** Bytes still to be read; null for a body in chunks. */
  #left: number | null = null;
  #tail = '';

  read(chunk: Buffer): void {
    if (this.status > 0) {
      this.#readBody(chunk);
      return;
    }
    const before = this.#head.length;
    this.#head += chunk.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return;
    this.status = Number(this.#head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1];
    if (length !== undefined) this.#left = Number(length);
    this.#readBody(chunk.subarray(end + 4 - before));
  }

  #readBody(chunk: Buffer): void {
    for (let at = chunk.indexOf(EVENT); at >= 0; at = chunk.indexOf(EVENT, at + EVENT.length)) this.events += 1;
    if (this.#left === null) {
      this.#tail = (this.#tail + chunk.toString('latin1', Math.max(0, chunk.length - LAST_CHUNK.length))).slice(
        -LAST_CHUNK.length,
      );
      this.done = this.#tail === LAST_CHUNK;
    } else {
      this.#left -= chunk.length;
      this.done = this.#left <= 0;
    }
  }
}
