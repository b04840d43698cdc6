/**
 * The client connections of a server: how many there may be, which one gives way to another, and the one way in which
 * an idle one is closed.
 *
 * A socket that is closed while bytes wait unread in it resets the connection, and the client whose request these bytes
 * are gets an error although nothing was wrong. On a host without free CPU time that is no rare moment: a timer is late,
 * and it runs before the bytes that have arrived meanwhile are read. So an idle connection is closed in three steps:
 *
 *   all bytes that wait are read ── a request among them ──► it is served, and the connection stays
 *        └─ none ──► only our direction is closed (FIN) ── the client closes its own ──► closed
 *                         └─ it does not within 2 s ──► closed all the same
 *
 * Node's own `closeIdleConnections()` and its keep-alive timeout skip the first two. Where a connection makes room for
 * a new one, there is no time for the third. Those on which no request succeeded give way before the others.
 *
 * With TLS, a connection counts from its TCP socket on: its handshake costs more than a request does.
 */
import type http from 'node:http';
import type net from 'node:net';
import type tls from 'node:tls';
import { ActiveSet } from '../active-set.ts';
import type { Clock } from '../clock.ts';
import type { ConnectionDropped } from '../events.ts';
import { AddressCounts } from './address-counts.ts';
import { type Arrival, ClientConnection } from './client-connection.ts';
import { IdleList } from './idle-list.ts';
import { speaksTls } from './listener.ts';

/** Server options: a client that is silent for a minute is asked by TCP whether it is still there. */
export const KEEP_ALIVE_PROBES = { keepAlive: true, keepAliveInitialDelay: 60_000 };

/** Time that a client gets to close its direction. */
const CLIENT_CLOSES_WITHIN_MS = 2_000;

/** Most connections that make room at the same time. */
const SLACK = 64;

/** How many idle connections are looked at for one of a certain address. */
const SEARCHED = 256;

/** An idle connection stays for so long at least: a burst of new ones must not close those that are about to send. */
const LEAST_IDLE_MS = 250;

/** A connection without an open request, and how much it had sent when it was found so. */
interface IdleConnection {
  readonly connection: ClientConnection;
  readonly bytesRead: number;
}

interface ConnectionsOptions {
  readonly clock: Clock;
  /** Most connections. */
  readonly most: number;
  /** Most connections of one address. */
  readonly mostPerAddress: number;
  readonly dropped: (reason: ConnectionDropped) => void;
}

const connectionOf = Symbol('its ClientConnection');

interface KnownSocket extends net.Socket {
  [connectionOf]?: ClientConnection;
}

export class ClientConnections {
  readonly #all = new ActiveSet<ClientConnection>();
  readonly #addresses = new AddressCounts();
  /** Idle ones on which no request has succeeded yet, and the others. */
  readonly #unproven = new IdleList<ClientConnection>();
  readonly #proven = new IdleList<ClientConnection>();
  readonly #options: ConnectionsOptions;
  /** Connections whose handshake is not finished, by both of their ends: Node does not tell which socket TLS is spoken on. */
  readonly #shaking = new Map<string, ClientConnection>();
  /** Connections that were chosen to make room, and are not closed yet. */
  #leaving = 0;

  constructor(server: http.Server, options: ConnectionsOptions) {
    this.#options = options;
    const isSecure = speaksTls(server);
    server.on('connection', (socket: net.Socket) => this.#accept(socket, isSecure));
    if (isSecure) server.on('secureConnection', (socket: tls.TLSSocket) => this.#secured(socket));
    // With this listener, Node leaves it to us to close a connection whose keep-alive time is over. A response that is
    // not read in time has a listener of its own, which has destroyed the connection already.
    server.on('timeout', (socket: net.Socket) => {
      const connection = this.of(socket);
      if (connection !== null) this.#closeUnlessUsed(found(connection));
    });
  }

  /** The connection of a socket; null if the socket is not one of this server's. */
  of(socket: net.Socket): ClientConnection | null {
    return (socket as KnownSocket)[connectionOf] ?? null;
  }

  /** Serves a request of one of the connections, in its turn. */
  arrived(arrival: Arrival): void {
    this.of(arrival.incoming.socket)?.arrived(arrival);
  }

  /** All connections without an open request. */
  idle(): IdleConnection[] {
    return this.#all
      .all()
      .filter((connection) => connection.isIdle)
      .map(found);
  }

  /** Closes those that have sent nothing since they were found idle. */
  close(connections: readonly IdleConnection[]): void {
    for (const connection of connections) this.#closeUnlessUsed(connection);
  }

  #accept(socket: net.Socket, isSecure: boolean): void {
    const { most, mostPerAddress } = this.#options;
    const addressPlace = this.#addresses.placeOf(socket.remoteAddress ?? '');
    const connection = new ClientConnection(socket, addressPlace, {
      busy: (one) => this.#takeOut(one),
      idle: (one) => this.#putBack(one),
    });
    const ends = isSecure ? endsOf(socket) : '';
    if (isSecure) this.#shaking.set(ends, connection);
    else (socket as KnownSocket)[connectionOf] = connection;
    this.#all.add(connection);
    const ofAddress = this.#addresses.add(addressPlace);
    socket.once('close', () => {
      if (isSecure && this.#shaking.get(ends) === connection) this.#shaking.delete(ends);
      this.#all.delete(connection);
      this.#addresses.remove(addressPlace);
      this.#takeOut(connection);
    });
    const beyond = Math.max(this.#all.size - most, ofAddress - mostPerAddress);
    if (beyond > this.#leaving) this.#makeRoom(connection, mostPerAddress < most && ofAddress > mostPerAddress, beyond);
    if (!socket.destroyed) this.#putBack(connection);
  }

  /** The handshake is finished: HTTP is spoken on this socket. */
  #secured(socket: tls.TLSSocket): void {
    const ends = endsOf(socket);
    const connection = this.#shaking.get(ends);
    // Its client has left meanwhile.
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    this.#shaking.delete(ends);
    connection.socket = socket;
    (socket as KnownSocket)[connectionOf] = connection;
  }

  #makeRoom(newcomer: ClientConnection, sameAddress: boolean, beyond: number): void {
    const addressPlace = sameAddress ? newcomer.addressPlace : null;
    let closing = 0;
    while (this.#leaving < Math.min(beyond, SLACK) && this.#closeLongestIdle(addressPlace)) closing += 1;
    if (closing > 0) return;
    newcomer.socket.destroy();
    this.#options.dropped(sameAddress ? 'address' : 'server');
  }

  /** False where none is idle. One that is used after all stays, and another one is closed in its place. */
  #closeLongestIdle(addressPlace: number | null): boolean {
    const victim = this.#longestIdle(addressPlace);
    if (victim === null) return false;
    const { socket, wire } = victim;
    const { bytesRead } = wire;
    const left = () => {
      this.#leaving -= 1;
    };
    this.#takeOut(victim);
    this.#leaving += 1;
    afterReading(() => {
      if (socket.destroyed) left();
      else if (wire.bytesRead === bytesRead) {
        socket.once('close', left);
        socket.destroy();
        this.#options.dropped('idle');
      } else {
        left();
        if (victim.isIdle) this.#putBack(victim);
        this.#closeLongestIdle(addressPlace);
      }
    });
    return true;
  }

  /** The one that has been idle for the longest time, of all or of an address. */
  #longestIdle(addressPlace: number | null): ClientConnection | null {
    const idleBeforeMs = this.#options.clock.nowMs() - LEAST_IDLE_MS;
    for (const list of [this.#unproven, this.#proven]) {
      let connection = list.first;
      for (let seen = 0; connection !== null && seen < SEARCHED; seen += 1) {
        if (connection.idleSinceMs > idleBeforeMs) break;
        if (addressPlace === null || connection.addressPlace === addressPlace) return connection;
        connection = connection.after;
      }
    }
    return null;
  }

  #takeOut(connection: ClientConnection): void {
    connection.idleIn?.remove(connection);
    connection.idleIn = null;
  }

  #putBack(connection: ClientConnection): void {
    if (connection.socket.destroyed || connection.idleIn !== null) return;
    connection.idleIn = connection.proven ? this.#proven : this.#unproven;
    connection.idleSinceMs = this.#options.clock.nowMs();
    connection.idleIn.append(connection);
  }

  #closeUnlessUsed({ connection, bytesRead }: IdleConnection): void {
    const { socket, wire } = connection;
    afterReading(() => {
      if (socket.destroyed) return;
      if (wire.bytesRead !== bytesRead) {
        if (connection.isIdle) this.#putBack(connection);
        return;
      }
      if (socket.writableEnded) return;
      socket.end();
      const limit = this.#options.clock.after(CLIENT_CLOSES_WITHIN_MS, () => socket.destroy());
      socket.once('close', () => limit.cancel());
    });
  }
}

function found(connection: ClientConnection): IdleConnection {
  return { connection, bytesRead: connection.wire.bytesRead };
}

function endsOf({ remoteAddress, remotePort, localAddress }: net.Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}

/**
 * Runs `callback` when all bytes that have arrived by now are read. The rest of the current turn of the event loop may
 * read nothing, so it does not count; the next turn reads from every socket.
 */
function afterReading(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}
