/**
 * Finds the ends of requests on a connection, as far as proxies write them: HTTP/1.1, one at a time, with a length or
 * in chunks. Of a body it only looks for `"stream":true`, near the beginning.
 */
const BODY_BEGINNING = 4096;

/** The state of one connection. */
export class RequestReader {
  readonly #requested: (wantsStream: boolean, path: string) => void;
  #head = '';
  #inBody = false;
  /** Bytes still to be read; null for a body in chunks. */
  #left: number | null = 0;
  #beginning = '';
  #tail = '';

  /** @param requested is called for each request that has arrived completely */
  constructor(requested: (wantsStream: boolean, path: string) => void) {
    this.#requested = requested;
  }

  read(chunk: Buffer): void {
    if (this.#inBody) {
      this.#readBody(chunk);
      return;
    }
    const before = this.#head.length;
    this.#head += chunk.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1];
    const inChunks = /\r\ntransfer-encoding: *chunked/i.test(this.#head.slice(0, end));
    this.#left = inChunks ? null : Number(length ?? 0);
    this.#inBody = true;
    this.#readBody(chunk.subarray(end + 4 - before));
  }

  #readBody(chunk: Buffer): void {
    if (this.#beginning.length < BODY_BEGINNING) this.#beginning += chunk.toString('latin1', 0, BODY_BEGINNING);
    if (this.#left === null) {
      this.#tail = (this.#tail + chunk.toString('latin1', Math.max(0, chunk.length - 5))).slice(-5);
      if (this.#tail !== '0\r\n\r\n') return;
    } else {
      this.#left -= chunk.length;
      if (this.#left > 0) return;
    }
    const wantsStream = this.#beginning.includes('"stream":true');
    const path = this.#head.slice(this.#head.indexOf(' ') + 1, this.#head.indexOf(' HTTP/'));
    this.#head = this.#beginning = this.#tail = '';
    this.#inBody = false;
    this.#requested(wantsStream, path);
  }
}
