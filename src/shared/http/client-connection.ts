/**
 * One connection of a client, and the requests on it. A client may send requests without waiting for answers
 * (pipelining): a bounded number of them is served at the same time, the others wait in order, and while any waits,
 * nothing more is read. So no more wait than one read brings, which is 64 KiB.
 *
 *   arrives ─┬─ fewer than 16 are open ──────► served ── answered ──► the next that waits
 *            ├─ else, or if it is to be asked for its body ──► waits, and the socket is paused
 *            └─ after the last one (`last`, or bytes that cannot be read) ──► ignored: no answer says that it was done
 *
 * A paused socket does not notice that its client has left; the first answer that is written to it does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type net from 'node:net';
import type { ActiveItem } from '../active-set.ts';
import type { IdleItem, IdleList } from './idle-list.ts';

/** Most requests of one connection that are served at the same time. */
export const MOST_OPEN = 16;

/** A request that has arrived. */
export interface Arrival {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Nothing after it on its connection is served. */
  readonly last: boolean;
  /** An answer to it without an error shows that the client may use this server. */
  readonly proves: boolean;
  /**
   * It is to be asked for its body (100 Continue): served when all before it are answered. Earlier, Node would write that
   * interim answer between the head and the body of the final one.
   */
  readonly asksForBody: boolean;
  serve(): void;
}

/** Told of the beginning and the end of the time in which a connection has an open request. */
interface Listener {
  busy(connection: ClientConnection): void;
  idle(connection: ClientConnection): void;
}

export class ClientConnection implements ActiveItem, IdleItem<ClientConnection> {
  place = 0;
  before: ClientConnection | null = null;
  after: ClientConnection | null = null;
  /** The list that it is in while it is idle; only `ClientConnections` writes it. */
  idleIn: IdleList<ClientConnection> | null = null;
  /** Since when it has been in that list. */
  idleSinceMs = 0;
  /** On which HTTP is spoken; with TLS, from the end of the handshake on. Only `ClientConnections` changes it. */
  socket: net.Socket;
  /** The TCP socket below it, or itself. */
  readonly wire: net.Socket;
  /** Its address's place in `AddressCounts`. */
  readonly addressPlace: number;
  /** Whether a request that proves something was answered without an error. */
  proven = false;
  readonly #listener: Listener;
  #open = 0;
  #closing = false;
  #latest: Arrival | null = null;
  #waiting: Arrival[] = [];
  #pausing = false;
  #afterwards: (() => void) | null = null;

  constructor(socket: net.Socket, addressPlace: number, listener: Listener) {
    this.socket = socket;
    this.wire = socket;
    this.addressPlace = addressPlace;
    this.#listener = listener;
  }

  get isIdle(): boolean {
    return this.#open === 0;
  }

  /** Serves a request, now or when others before it are answered. */
  arrived(arrival: Arrival): void {
    if (this.#closing) return;
    this.#latest = arrival;
    if (arrival.last) this.#end(arrival);
    if (this.#waiting.length === 0 && this.#mayBegin(arrival)) this.#begin(arrival);
    else {
      this.#waiting.push(arrival);
      this.#pauseSoon();
    }
  }

  /** The request whose body is not complete yet; null if there is none. */
  get unfinished(): IncomingMessage | null {
    const latest = this.#latest?.incoming;
    return latest === undefined || latest.complete ? null : latest;
  }

  /** Whether that request has arrived and is not served yet. */
  isWaiting(incoming: IncomingMessage | null): boolean {
    return this.#waiting.some((arrival) => arrival.incoming === incoming);
  }

  /** Its bytes cannot be read further; the connection is closed when all requests that were read are answered. */
  broken(afterwards: (() => void) | null): void {
    this.#closing = true;
    this.#afterwards = afterwards;
    // One whose body will never be complete is not begun any more.
    if (this.isWaiting(this.unfinished)) this.#waiting.pop();
    // An answer that closes the connection would leave no place for one behind it.
    if (this.#latest !== null && afterwards === null) this.#end(this.#latest);
    if (this.#open === 0) this.#finish();
  }

  /** Whether `broken` was called, or the last request has arrived. */
  get closing(): boolean {
    return this.#closing;
  }

  #end({ outgoing }: Arrival): void {
    this.#closing = true;
    if (!outgoing.headersSent) outgoing.shouldKeepAlive = false;
  }

  #mayBegin({ asksForBody }: Arrival): boolean {
    return asksForBody ? this.#open === 0 : this.#open < MOST_OPEN;
  }

  #begin(arrival: Arrival): void {
    const { outgoing } = arrival;
    this.#open += 1;
    if (this.#open === 1) this.#listener.busy(this);
    outgoing.on('close', () => this.#answered(arrival));
    // Where our direction is closed, no answer can be sent, so nothing may be done. The client knows by the FIN that its
    // request was not served.
    if (this.socket.writable) arrival.serve();
  }

  #answered(arrival: Arrival): void {
    this.#open -= 1;
    // An early answer does not end the body: what is wrong with its rest is still a fault of this request.
    if (this.#latest === arrival && arrival.incoming.complete) this.#latest = null;
    if (arrival.proves && arrival.outgoing.statusCode < 400) this.proven = true;
    if (!this.socket.destroyed) this.#beginWaiting();
    if (this.#open === 0 && this.#closing) this.#finish();
    if (this.#open === 0) this.#listener.idle(this);
    if (this.#waiting.length === 0 && this.socket.isPaused()) this.socket.resume();
  }

  #beginWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#mayBegin(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#begin(next);
    }
  }

  #finish(): void {
    const afterwards = this.#afterwards;
    this.#afterwards = null;
    if (afterwards !== null && this.socket.writable) afterwards();
    else this.socket.destroySoon();
  }

  /** At the end of this turn's reading: Node resumes the socket itself at the end of each message, a tick later. */
  #pauseSoon(): void {
    if (this.#pausing) return;
    this.#pausing = true;
    process.nextTick(() => process.nextTick(() => this.#pause()));
  }

  #pause(): void {
    this.#pausing = false;
    if (this.#waiting.length > 0) this.socket.pause();
  }
}
