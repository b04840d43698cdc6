/**
 * Which worker is behind which connection, and what its death explains. A connection's worker is known from its first
 * answer on (`x-headgate-worker`); until then any worker's death may be its own.
 */
import type { Socket } from 'node:net';

interface Connection {
  slot: string | null;
  /** Requests under way on it: one, but for the moment between two. */
  open: number;
  /** The slot whose worker was struck, which is its own or, while that is unknown, may be; null if none was. */
  struck: string | null;
}

export class LoadConnections {
  readonly #known = new Map<Socket, Connection>();
  inFlightAtStrikes = 0;
  sentIntoStrikes = 0;

  /** A request goes out on `socket`. */
  begun(socket: Socket): void {
    const connection = this.#of(socket);
    connection.open += 1;
    if (connection.struck !== null) this.sentIntoStrikes += 1;
  }

  /** An answer on `socket` names its worker. */
  answeredBy(socket: Socket, slot: string): void {
    const connection = this.#of(socket);
    connection.slot = slot;
    if (connection.struck !== slot) connection.struck = null;
  }

  /** The request's end; whether a strike explains it if it was a failure. */
  ended(socket: Socket | null): boolean {
    if (socket === null) return false;
    const connection = this.#of(socket);
    connection.open -= 1;
    return connection.struck !== null;
  }

  /** Sends a signal that ends the worker of `slot`, or hangs it, after counting what is in flight there. */
  strike(pid: number, slot: string, signal: NodeJS.Signals): void {
    for (const [socket, connection] of this.#known) {
      if (socket.destroyed || (connection.slot !== null && connection.slot !== slot)) continue;
      connection.struck = slot;
      this.inFlightAtStrikes += connection.open;
    }
    process.kill(pid, signal);
  }

  #of(socket: Socket): Connection {
    let connection = this.#known.get(socket);
    if (connection === undefined) {
      connection = { slot: null, open: 0, struck: null };
      this.#known.set(socket, connection);
      socket.once('close', () => {
        // Its request may hear of the end after this event.
        setImmediate(() => this.#known.delete(socket));
      });
    }
    return connection;
  }
}
