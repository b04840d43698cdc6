/** Clients that ask for a stream and then read nothing of it, not even the head, but stay. */
import { once } from 'node:events';
import net from 'node:net';
import { requestsFor } from './client-connection.ts';
import type { Target } from './load-protocol.ts';

export class StalledReaders {
  readonly #sockets: net.Socket[] = [];
  #left = 0;

  /** Resolves when all have asked. */
  async open(target: Target, count: number): Promise<void> {
    const [request] = requestsFor(target);
    if (request === undefined) throw new Error('a stream needs a body to ask with');
    await Promise.all(Array.from({ length: count }, () => this.#ask(target.port, request)));
  }

  /** How many were given up by the other side. */
  get lost(): number {
    return this.#left;
  }

  /** Leaves with all that was not read, which resets the connections. */
  close(): void {
    for (const socket of this.#sockets) socket.removeAllListeners('close').destroy();
    this.#sockets.length = 0;
  }

  async #ask(port: number, request: Buffer): Promise<void> {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.#sockets.push(socket);
    // Before it connects: a socket reads ahead from then on, though nobody listens.
    socket.pause();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#left += 1;
    });
    await once(socket, 'connect');
    socket.write(request);
  }
}
