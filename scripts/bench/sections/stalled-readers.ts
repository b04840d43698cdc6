/** Clients that request a stream and then read nothing of it, not even the head, but stay connected. */
import { once } from 'node:events';
import net from 'node:net';
import { requestsFor } from '../../load/client-connection.ts';
import type { Target } from '../../load/protocol.ts';

/** A group of such clients. */
export class StalledReaders {
  readonly #sockets: net.Socket[] = [];
  #left = 0;

  /** Resolves when all have sent their request. */
  async open(target: Target, count: number): Promise<void> {
    const [request] = requestsFor(target);
    if (request === undefined) throw new Error('a stream needs a body to ask with');
    await Promise.all(Array.from({ length: count }, () => this.#ask(target.port, request)));
  }

  /** How many connections were closed by the server. */
  get lost(): number {
    return this.#left;
  }

  /** Closes the connections with unread data, which resets them. */
  close(): void {
    for (const socket of this.#sockets) socket.removeAllListeners('close').destroy();
    this.#sockets.length = 0;
  }

  async #ask(port: number, request: Buffer): Promise<void> {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.#sockets.push(socket);
    // Before it connects: a connected socket reads ahead even without a listener.
    socket.pause();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#left += 1;
    });
    await once(socket, 'connect');
    socket.write(request);
  }
}
