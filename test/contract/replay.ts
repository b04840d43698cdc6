/**
 * A local server that answers every POST with the bytes it was given, for official clients to read. It knows no
 * dialect: what a client understands of it is the bytes' merit alone.
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

  /** What the next requests get. */
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
