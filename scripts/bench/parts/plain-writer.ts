/**
 * Takes the place of `src/worker/request/chunked-writer.ts`: the body of a stream written in the way of node:http, which
 * frames the chunks itself.
 */
import type { ServerResponse } from 'node:http';

/** What the relay calls. */
export class ChunkedWriter {
  readonly #outgoing: ServerResponse;

  constructor(outgoing: ServerResponse, status: number, headers: Record<string, string>) {
    this.#outgoing = outgoing;
    outgoing.writeHead(status, headers);
  }

  write(bytes: Buffer, written?: () => void): boolean {
    return this.#outgoing.write(bytes, written);
  }

  end(bytes: Buffer): void {
    this.#outgoing.end(bytes);
  }
}
