/** A client's keep-alive connection on a bare socket, with one request under way at most; the cheapest client there is. */
import net from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import type { Target } from './load-protocol.ts';

/** What a request hears. */
export interface AnswerListener {
  /** Something was read: `reader` knows what there is so far. */
  read(reader: AnswerReader): void;
  /** The connection broke before the answer's end. */
  broken(): void;
}

/** The whole requests for a target, ready to be written. */
export function requestsFor({ port, headers, bodies }: Target): Buffer[] {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return bodies.map((body) => {
    const length = Buffer.byteLength(body);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n`;
    return Buffer.from(`${head}${fields.join('')}content-length: ${length}\r\n\r\n${body}`);
  });
}

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

  /** Leaves; nothing is told any more. */
  close(): void {
    this.#listener = null;
    this.#socket.destroy();
  }
}
