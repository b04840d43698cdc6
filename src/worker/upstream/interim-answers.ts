/**
 * Drops interim answers (1xx) that a provider sends without being asked, as RFC 9110, 15.2 wants of a client; undici
 * closes the connection at a `100 Continue`. It sits between a socket and undici's parser, which takes bytes by
 * `socket.read()`, and looks at the first bytes of each answer only: after those it passes everything through.
 *
 * `101 Switching Protocols` is passed on: what follows it is no HTTP.
 */
import type { Socket } from 'node:net';

const NOTHING: Buffer = Buffer.alloc(0);
const LF = 10;
const CR = 13;
/** `1`, the first digit of an interim status. */
const ONE = 49;

/** `HTTP/1.1 1` and the two digits after it. */
const STATUS_BYTES = 12;
const interimStatus = /^HTTP\/1\.\d 1\d\d$/;
const unfinishedStatus = /^H(?:T(?:T(?:P(?:\/(?:1(?:\.(?:\d(?: (?:1\d?)?)?)?)?)?)?)?)?)?$/;

/** What is known of one connection's answers. */
export class AnswerHeads {
  /** A request was sent on this connection before. */
  used = false;
  /** The provider has sent an interim answer to the present request, so it has that request. */
  interim = false;
  #state: 'status' | 'interim' | 'passing' = 'passing';
  #held: Buffer = NOTHING;
  /** Bytes of the present line of an interim head, a CR aside. */
  #lineBytes = 0;

  /** A request is being sent: an answer's first bytes come next. */
  expect(): void {
    this.used = true;
    this.interim = false;
    this.#state = 'status';
    this.#held = NOTHING;
  }

  /** Puts this between the socket and whoever reads from it. */
  watch(socket: Socket): void {
    const read = socket.read.bind(socket);
    socket.read = (size?: number) => {
      for (;;) {
        const chunk: Buffer | null = read(size);
        if (chunk === null || this.#state === 'passing') return chunk;
        const passed = this.filter(chunk);
        if (passed.length > 0) return passed;
      }
    };
  }

  /** What the reader may see of the next bytes; empty while that is not known yet. */
  filter(chunk: Buffer): Buffer {
    // Nearly all answers begin with one chunk whose status is not of this kind.
    if (this.#state === 'status' && this.#held.length === 0 && chunk.length >= STATUS_BYTES && chunk[9] !== ONE) {
      this.#state = 'passing';
      return chunk;
    }
    let rest = chunk;
    while (this.#state !== 'passing' && rest.length > 0) {
      if (this.#state === 'interim') {
        rest = this.#afterHead(rest);
        continue;
      }
      const bytes = this.#held.length === 0 ? rest : Buffer.concat([this.#held, rest]);
      const status = bytes.toString('latin1', 0, STATUS_BYTES);
      if (unfinishedStatus.test(status)) {
        this.#held = bytes;
        return NOTHING;
      }
      this.#held = NOTHING;
      rest = bytes;
      const isInterim = interimStatus.test(status) && !status.endsWith(' 101');
      this.#state = isInterim ? 'interim' : 'passing';
      if (isInterim) {
        this.interim = true;
        this.#lineBytes = 0;
      }
    }
    return rest;
  }

  /** What follows the blank line that ends an interim head, if it is among the bytes. */
  #afterHead(bytes: Buffer): Buffer {
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index];
      if (byte === LF && this.#lineBytes === 0) {
        this.#state = 'status';
        return bytes.subarray(index + 1);
      }
      if (byte === LF) this.#lineBytes = 0;
      else if (byte !== CR) this.#lineBytes += 1;
    }
    return NOTHING;
  }
}
