/**
 * The gateway's port as one socket per worker slot.
 *
 * The primary binds a SO_REUSEPORT socket for each slot, never accepts on it, and hands it to whichever worker fills
 * the slot. A successor listens on the very socket of the one before, so connections that wait in its accept queue
 * survive. A listening socket that nobody accepts on swallows its share of connections: a slot that stays empty must
 * give its socket up, and gets a fresh one at the next fork.
 *
 * Where such sockets do not exist, workers share one handle by `SCHED_NONE`: good enough for development.
 */
import cluster from 'node:cluster';
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { explainListenError } from './start-errors.ts';

export interface SlotSockets {
  /** The numeric address that is bound. */
  readonly host: string;
  /** The port in use, also where 0 was asked for. */
  readonly port: number;
  /** Whether each slot has a socket of its own. */
  readonly perSlot: boolean;
  /** The descriptor to hand to a worker of this slot, bound anew if it was given up; null where slots have none. */
  descriptor(slot: number): number | null;
  /** Closes the primary's copy: while no worker holds another, connections go to the other slots. */
  giveUp(slot: number): void;
  close(): void;
}

/** Binds the port for `count` slots. Throws `PortTakenError`, `AddressError` or what the system said. */
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

class BoundSlots implements SlotSockets {
  readonly host: string;
  readonly port: number;
  readonly perSlot = true;
  readonly #sockets: (net.BoundSocket | null)[];

  constructor(host: string, port: number, count: number) {
    this.host = host;
    const first = bind(host, port);
    this.port = first.address().port;
    this.#sockets = [first];
    try {
      for (let slot = 1; slot < count; slot += 1) this.#sockets.push(bind(host, this.port));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  descriptor(slot: number): number {
    const held = this.#sockets[slot] ?? bind(this.host, this.port);
    this.#sockets[slot] = held;
    return held.fd();
  }

  giveUp(slot: number): void {
    this.#sockets[slot]?.close();
    this.#sockets[slot] = null;
  }

  close(): void {
    for (const slot of this.#sockets.keys()) this.giveUp(slot);
  }
}

function bind(host: string, port: number): net.BoundSocket {
  try {
    return new net.BoundSocket({ host, port, reusePort: true });
  } catch (error) {
    throw explainListenError('gateway', host, port, error);
  }
}

/** The cluster module opens the shared handle itself, at the first worker's `listen`; here the port is only tried. */
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
    descriptor: () => null,
    giveUp: () => undefined,
    close: () => undefined,
  };
}

/**
 * Whether the kernel moves waiting connections from a closing socket to another of the same port. Without it the
 * connections that wait on an orphan's socket are reset when that orphan stops listening. Null where unknown.
 */
export function movesWaitingConnections(): boolean | null {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8').trim() === '1';
  } catch {
    // Another system, or a sandbox without /proc: nothing can be said.
    return null;
  }
}
