/**
 * The gateway's port as one socket per worker slot.
 *
 * The primary binds a SO_REUSEPORT socket for each slot, never accepts on it, and sends it to the slot's worker when that
 * has booted. A successor listens on the same socket as the worker before it, so connections that wait in the accept
 * queue survive. If no process accepts on a listening socket, its share of the connections hangs. Therefore a slot that
 * has no ready worker for a second closes its socket and binds a new one, which listens only when a worker does.
 *
 * On systems without such sockets, workers share one handle by `SCHED_NONE`. That is good enough for development.
 */
import cluster from 'node:cluster';
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { socketInode } from '../host/listeners.ts';
import { explainListenError } from '../host/start-errors.ts';

export interface SlotSockets {
  /** The IP address that is bound. */
  readonly host: string;
  /** The port in use; a free one if 0 was configured. */
  readonly port: number;
  /** Whether each slot has a socket of its own. */
  readonly perSlot: boolean;
  /** The socket to send to a worker of this slot; null where slots have none. It stays the primary's. */
  socketFor(slot: number): net.Socket | null;
  /**
   * Closes the socket of a slot whose worker is gone, if one was ever sent it, and binds a fresh one. While no worker
   * has a copy of the old one, connections go to the other slots.
   */
  renew(slot: number): void;
  /** Whether one of the sockets, also of those renewed, has this inode. */
  has(inode: string): boolean;
  /** Closes all of the primary's copies for good. */
  close(): void;
}

/** Binds the port for `count` slots. Rejects with `PortTakenError`, `AddressError` or the system's error. */
export async function openSlotSockets(host: string, port: number, count: number): Promise<SlotSockets> {
  const address = net.isIP(host) === 0 ? await resolve(host, port) : host;
  const perSlot = process.platform === 'linux' && typeof net.BoundSocket === 'function';
  return perSlot ? new BoundSlots(address, port, count) : sharedHandle(address, port);
}

async function resolve(host: string, port: number): Promise<string> {
  try {
    return (await lookup(host, { order: 'ipv4first' })).address;
  } catch (error) {
    throw explainListenError('gateway', host, port, error);
  }
}

/** The socket of a slot, as the primary holds it. */
interface HeldSocket {
  /** Not connected and never read: only its descriptor is of use. */
  readonly socket: net.Socket;
  /** Whether a worker was sent a copy, which may listen. */
  sent: boolean;
}

class BoundSlots implements SlotSockets {
  readonly host: string;
  readonly port: number;
  readonly perSlot = true;
  /** Null where no fresh one could be bound. */
  readonly #held: (HeldSocket | null)[] = [];
  readonly #inodes = new Set<string>();

  constructor(host: string, port: number, count: number) {
    this.host = host;
    const first = bind(host, port);
    this.port = first.address().port;
    this.#held.push(this.#hold(first));
    try {
      while (this.#held.length < count) this.#held.push(this.#hold(bind(host, this.port)));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  socketFor(slot: number): net.Socket {
    const held = this.#held[slot] ?? this.#hold(bind(this.host, this.port));
    this.#held[slot] = held;
    held.sent = true;
    return held.socket;
  }

  renew(slot: number): void {
    const old = this.#held[slot];
    if (old?.sent !== true) return;
    this.#held[slot] = null;
    try {
      this.#held[slot] = this.#hold(bind(this.host, this.port));
    } catch {
      // No descriptor is left, say: it is bound when a worker needs it.
    }
    old.socket.destroy();
  }

  has(inode: string): boolean {
    return this.#inodes.has(inode);
  }

  close(): void {
    for (const held of this.#held) held?.socket.destroy();
    this.#held.length = 0;
  }

  #hold(bound: net.BoundSocket): HeldSocket {
    const inode = socketInode(bound.fd());
    if (inode !== null) this.#inodes.add(inode);
    return { socket: new net.Socket({ handle: bound }), sent: false };
  }
}

function bind(host: string, port: number): net.BoundSocket {
  try {
    return new net.BoundSocket({ host, port, reusePort: true });
  } catch (error) {
    throw explainListenError('gateway', host, port, error);
  }
}

/** Checks that the port is free. The cluster module opens the shared handle at the first worker's `listen`. */
async function sharedHandle(host: string, port: number): Promise<SlotSockets> {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const probe = net.createServer();
  const free = await new Promise<number>((resolve, reject) => {
    probe.once('error', (error) => reject(explainListenError('gateway', host, port, error)));
    probe.listen({ host, port, exclusive: true }, () => {
      const bound = probe.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
  await new Promise((resolve) => probe.close(resolve));
  return {
    host,
    port: free,
    perSlot: false,
    socketFor: () => null,
    renew: () => undefined,
    has: () => false,
    close: () => undefined,
  };
}

/**
 * Whether the kernel moves waiting connections from a closing socket to another one of the same port. If not, the
 * connections that wait on an orphan's socket are reset when the orphan stops listening. Null if unknown.
 */
export function movesWaitingConnections(): boolean | null {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8').trim() === '1';
  } catch {
    // Another system, or a sandbox without /proc.
    return null;
  }
}
