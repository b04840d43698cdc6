/**
 * A local server that answers every POST with the bytes it was given; official clients read them. It knows no dialect,
 * so what a client reads depends only on the bytes.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export class Replay {
  readonly url: string;
  /** The last request. */
  seen: SeenRequest | null = null;
  readonly #server: Server;
  #contentType = 'application/json';
  #pieces: readonly Buffer[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<Replay> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const replay = new Replay(server);
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = await request.toArray();
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      replay.seen = { path: request.url ?? '', headers: request.headers, body };
      response.writeHead(200, { 'content-type': replay.#contentType });
      for (const piece of replay.#pieces) response.write(piece);
      response.end();
    });
    return replay;
  }

  /** Sets the answer to the next requests. */
  answerWith(contentType: 'application/json' | 'text/event-stream', ...pieces: readonly Buffer[]): void {
    this.#contentType = contentType;
    this.#pieces = pieces;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
