/**
 * The provider's side: a server that answers each request with the bytes that were planned for it. A request says by a
 * number in its prompt which cell of the table it belongs to; that is found in the body of any dialect.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/** What one request is answered with. */
export interface Reply {
  readonly mediaType: string;
  /** Each is written in a turn of its own. */
  readonly pieces: readonly Buffer[];
  /** `cut`: the connection breaks behind them. */
  readonly end: 'whole' | 'cut';
  /** Whether the head says how long the body is. */
  readonly length: number | null;
}

export interface Cell {
  readonly number: number;
  /** Bodies of the requests for it. */
  readonly requests: unknown[];
}

export class Provider {
  readonly port: number;
  readonly #server: ReturnType<typeof createServer>;
  readonly #cells = new Map<number, Cell & { readonly replies: readonly Reply[] }>();
  #next = 1;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(): Promise<Provider> {
    const server = createServer({ noDelay: true, keepAliveTimeout: 60_000 });
    server.listen(0, '127.0.0.1', 4096);
    await once(server, 'listening');
    const provider = new Provider(server);
    server.on('request', async (incoming, outgoing) => {
      const body = Buffer.concat(await incoming.toArray()).toString();
      const cell = provider.#cells.get(Number(/cell (\d+);/.exec(body)?.[1]));
      const reply = cell?.replies[Math.min(cell.requests.length, cell.replies.length - 1)];
      if (cell === undefined || reply === undefined) {
        outgoing.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"no such cell"}}');
        return;
      }
      cell.requests.push(JSON.parse(body));
      await answer(outgoing, reply);
    });
    return provider;
  }

  /** @param replies for its first request, its second and so on; the last one for all others */
  expect(replies: readonly Reply[]): Cell {
    const cell = { number: this.#next, requests: [], replies };
    this.#next += 1;
    this.#cells.set(cell.number, cell);
    return cell;
  }

  forget({ number }: Cell): void {
    this.#cells.delete(number);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

async function answer(outgoing: ServerResponse, { mediaType, pieces, end, length }: Reply): Promise<void> {
  outgoing.writeHead(200, {
    'content-type': mediaType,
    ...(length === null ? {} : { 'content-length': String(length) }),
  });
  outgoing.flushHeaders();
  for (const piece of pieces) {
    await turn();
    if (piece.length > 0 && !outgoing.destroyed) outgoing.write(piece);
  }
  await turn();
  if (end === 'whole') outgoing.end();
  else outgoing.socket?.destroySoon();
}
