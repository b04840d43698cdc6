/**
 * A client's keep-alive connection on a bare socket, with at most one request in flight: the cheapest client possible.
 */
import net from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import type { Target } from './protocol.ts';

/** Callbacks of one request. */
interface AnswerListener {
  /** A part of the answer was read; `reader` holds what is known so far. */
  read(reader: AnswerReader): void;
  /** The connection broke before the end of the answer. */
  broken(): void;
}

/** Where requests go that name no path. */
export const CHAT_PATH = '/v1/chat/completions';

/** The requests for a target, head and body, ready to be written. */
export function requestsFor({ port, path = CHAT_PATH, headers, bodies }: Target): Buffer[] {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return bodies.map((body) => {
    const length = Buffer.byteLength(body);
    const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n`;
    return Buffer.from(`${head}${fields.join('')}content-length: ${length}\r\n\r\n${body}`);
  });
}

/** Connects immediately. */
export class ClientConnection {
  readonly #socket: net.Socket;
  #reader = new AnswerReader();
  #listener: AnswerListener | null = null;

  constructor(port: number) {
    this.#socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => {
      const listener = this.#listener;
      this.#reader.read(chunk);
      if (this.#reader.done) this.#listener = null;
      listener?.read(this.#reader);
    });
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      const listener = this.#listener;
      this.#listener = null;
      listener?.broken();
    });
  }

  get usable(): boolean {
    return !this.#socket.destroyed;
  }

  send(request: Buffer, listener: AnswerListener): void {
    this.#reader = new AnswerReader();
    this.#listener = listener;
    this.#socket.write(request);
  }

  /** Closes the connection; no callback is called any more. */
  close(): void {
    this.#listener = null;
    this.#socket.destroy();
  }
}
