/**
 * The client connections of a worker, and the one way in which an idle one is closed.
 *
 * A socket that is closed while bytes wait unread in it resets the connection, and the client whose request these bytes
 * are gets an error although nothing was wrong. On a host without free CPU time that is no rare moment: a timer is late,
 * and it runs before the bytes that have arrived meanwhile are read. So an idle connection is closed in three steps:
 *
 *   all bytes that wait are read ── a request among them ──► it is served, and the connection stays
 *        └─ none ──► only our direction is closed (FIN) ── the client closes its own ──► closed
 *                         └─ it does not within 2 s ──► closed all the same
 *
 * Node's own `closeIdleConnections()` and its keep-alive timeout skip the first two.
 */
import type http from 'node:http';
import type net from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { type ActiveItem, ActiveSet } from '../upstream/active-set.ts';

/** Time that a client gets to close its direction. */
const CLIENT_CLOSES_WITHIN_MS = 2_000;

interface Connection extends ActiveItem {
  readonly socket: net.Socket;
}

/** A connection without an open request, and how much it had sent when it was found so. */
export interface IdleConnection {
  readonly socket: net.Socket;
  readonly bytesRead: number;
}

export class Connections {
  readonly #all = new ActiveSet<Connection>();
  readonly #clock: Clock;
  /** Connections with an open request that is not in the plane's active set: all but the hot route. */
  readonly #besides = new Set<net.Socket>();

  constructor(server: http.Server, clock: Clock) {
    this.#clock = clock;
    server.on('connection', (socket: net.Socket) => {
      const connection = { socket, place: 0 };
      this.#all.add(connection);
      socket.once('close', () => this.#all.delete(connection));
    });
    // With this listener, Node leaves it to us to close a connection whose keep-alive time is over. A response that is
    // not read in time has a listener of its own, which has destroyed the connection already.
    server.on('timeout', (socket: net.Socket) => this.#closeUnlessUsed({ socket, bytesRead: socket.bytesRead }));
  }

  /** Notes an open request that is not in the plane's active set, until its response is closed. */
  serves(socket: net.Socket, outgoing: http.ServerResponse): void {
    this.#besides.add(socket);
    outgoing.once('close', () => this.#besides.delete(socket));
  }

  /** All connections without an open request; `busy` are those of the plane's active set. */
  idle(busy: Iterable<net.Socket>): IdleConnection[] {
    const withRequest = new Set(busy);
    return this.#all
      .all()
      .filter(({ socket }) => !withRequest.has(socket) && !this.#besides.has(socket))
      .map(({ socket }) => ({ socket, bytesRead: socket.bytesRead }));
  }

  /** Closes those that have sent nothing since they were found idle. */
  close(connections: readonly IdleConnection[]): void {
    for (const connection of connections) this.#closeUnlessUsed(connection);
  }

  #closeUnlessUsed({ socket, bytesRead }: IdleConnection): void {
    afterReading(() => {
      if (socket.destroyed || socket.writableEnded || socket.bytesRead !== bytesRead) return;
      socket.end();
      const limit = this.#clock.after(CLIENT_CLOSES_WITHIN_MS, () => socket.destroy());
      socket.once('close', () => limit.cancel());
    });
  }
}

/**
 * Runs `callback` when all bytes that have arrived by now are read. The rest of the current turn of the event loop may
 * read nothing, so it does not count; the next turn reads from every socket.
 */
function afterReading(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}
