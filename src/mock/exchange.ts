/**
 * One request and its answer: writes that wait for a slow reader, pauses that end when the client leaves, and the
 * broken endings that faults need. Every step returns whether the client is still connected; if not, nothing more is
 * written.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Clock } from '../shared/clock.ts';

/** Size of the slices of large bodies. One large write would count as sent although a slow reader has not read it. */
const sliceBytes = 64 * 1024;

export class Exchange {
  readonly #response: ServerResponse;
  readonly #headers: OutgoingHttpHeaders;
  readonly #clock: Clock;
  readonly #left = new Set<() => void>();
  #over = false;
  #cutByUs = false;
  #unflushed = 0;
  #onFlushed: (() => void) | null = null;

  /** `ended` is called once; its argument is whether the client left before the end of the answer. */
  constructor(response: ServerResponse, headers: OutgoingHttpHeaders, clock: Clock, ended: (aborted: boolean) => void) {
    this.#response = response;
    this.#headers = headers;
    this.#clock = clock;
    response.once('close', () => {
      this.#over = true;
      for (const wake of this.#left) wake();
      ended(!response.writableFinished && !this.#cutByUs);
    });
  }

  /** Whether the connection is gone, so that nothing can be written. */
  get gone(): boolean {
    return this.#over || this.#response.destroyed;
  }

  /** Sets the status and the headers. They are sent with the first write. */
  head(status: number, headers: OutgoingHttpHeaders): void {
    if (!this.gone) this.#response.writeHead(status, { ...this.#headers, ...headers });
  }

  /** Writes bytes and waits until there is room for more; false if the client has left. */
  write(bytes: Buffer): boolean | Promise<boolean> {
    if (this.gone) return false;
    this.#unflushed += 1;
    if (this.#response.write(bytes, this.#written)) return true;
    return this.#until((resume) => {
      this.#response.once('drain', resume);
      return () => this.#response.off('drain', resume);
    });
  }

  /** Writes a body of any size. */
  async writeSliced(bytes: Buffer): Promise<boolean> {
    for (let start = 0; start < bytes.length; start += sliceBytes) {
      if (!(await this.write(bytes.subarray(start, start + sliceBytes)))) return false;
    }
    return !this.gone;
  }

  /** Waits; false if the client has left. */
  async pause(delayMs: number): Promise<boolean> {
    if (delayMs <= 0) return !this.gone;
    return this.#until((resume) => {
      const timer = this.#clock.after(delayMs, resume);
      return () => timer.cancel();
    });
  }

  /** Ends the answer properly, with its last bytes. */
  end(last?: Buffer): void {
    if (!this.gone) this.#response.end(last);
  }

  /** Ends the connection with an unfinished answer, by a FIN or a real RST, after the kernel has accepted all bytes. */
  async cut(how: 'fin' | 'rst'): Promise<void> {
    const flushed = await this.#until((resume) => {
      this.#onFlushed = resume;
      if (this.#unflushed === 0) queueMicrotask(resume);
      return () => {
        this.#onFlushed = null;
      };
    });
    if (!flushed) return;
    this.#cutByUs = true;
    if (how === 'rst') this.#response.socket?.resetAndDestroy();
    else this.#response.socket?.destroySoon();
  }

  readonly #written = (): void => {
    this.#unflushed -= 1;
    if (this.#unflushed === 0) this.#onFlushed?.();
  };

  /** Waits until `start` calls `resume`, or until the client leaves. `start` returns a function that cancels it. */
  #until(start: (resume: () => void) => () => void): Promise<boolean> {
    if (this.#over) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = () => {
        stop();
        this.#left.delete(settle);
        resolve(!this.gone);
      };
      const stop = start(settle);
      this.#left.add(settle);
    });
  }
}

/** Reads a request's body and passes it to `done` when it is complete; null if it is larger than `maxBytes`. */
export function readBody(request: IncomingMessage, maxBytes: number, done: (body: Buffer | null) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  });
  request.on('end', () => {
    const [only] = chunks;
    if (bytes > maxBytes) done(null);
    else done(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
  });
}
