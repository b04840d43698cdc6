/**
 * Replaces `chunked-writer.ts` in the comparison of `parts.ts`: the body of a stream written in the way of node:http,
 * which frames the chunks itself.
 */
import type { ServerResponse } from 'node:http';

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
