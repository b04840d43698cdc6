/**
 * Which worker serves which connection, and which failures its death explains. A connection's worker is known from its
 * first answer on (`x-headgate-worker`). Until then the death of any worker may be the reason why it breaks.
 */
import type { Socket } from 'node:net';
import type { Kill } from './protocol.ts';

interface Connection {
  slot: string | null;
  /** Requests in flight on it: one, or for a moment two when one follows the other. */
  open: number;
  /** The slot of the killed worker, which is this connection's own or, while that is unknown, may be; null if none. */
  killed: string | null;
}

/** The connections of one load. */
export class WorkerConnections {
  readonly #known = new Map<Socket, Connection>();
  inFlightAtKills = 0;
  sentAfterKills = 0;

  /** A request is sent on `socket`. */
  begun(socket: Socket): void {
    const connection = this.#of(socket);
    connection.open += 1;
    if (connection.killed !== null) this.sentAfterKills += 1;
  }

  /** An answer on `socket` names its worker. */
  answeredBy(socket: Socket, slot: string): void {
    const connection = this.#of(socket);
    connection.slot = slot;
    if (connection.killed !== slot) connection.killed = null;
  }

  /** The request has ended. Returns whether a kill explains its failure, if it has failed. */
  ended(socket: Socket | null): boolean {
    if (socket === null) return false;
    const connection = this.#of(socket);
    connection.open -= 1;
    return connection.killed !== null;
  }

  /** Counts the requests in flight on the worker of that slot, then sends it the signal, which ends or stops it. */
  kill({ pid, slot, signal }: Kill): void {
    for (const [socket, connection] of this.#known) {
      if (socket.destroyed || (connection.slot !== null && connection.slot !== String(slot))) continue;
      connection.killed = String(slot);
      this.inFlightAtKills += connection.open;
    }
    process.kill(pid, signal);
  }

  #of(socket: Socket): Connection {
    let connection = this.#known.get(socket);
    if (connection === undefined) {
      connection = { slot: null, open: 0, killed: null };
      this.#known.set(socket, connection);
      socket.once('close', () => {
        // The request's own error may come after this event.
        setImmediate(() => this.#known.delete(socket));
      });
    }
    return connection;
  }
}
