/**
 * The gateway's port as one socket per worker slot.
 *
 * The primary binds a SO_REUSEPORT socket for each slot, never accepts on it, and passes it to the slot's worker. A
 * successor listens on the same socket as the worker before it, so connections that wait in the accept queue survive.
 * If no process accepts on a listening socket, its share of the connections hangs. Therefore a slot that stays empty
 * closes its socket and binds a new one at the next fork.
 *
 * On systems without such sockets, workers share one handle by `SCHED_NONE`. That is good enough for development.
 */
import cluster from 'node:cluster';
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { explainListenError } from './start-errors.ts';

export interface SlotSockets {
  /** The IP address that is bound. */
  readonly host: string;
  /** The port in use; a free one if 0 was configured. */
  readonly port: number;
  /** Whether each slot has a socket of its own. */
  readonly perSlot: boolean;
  /** The descriptor for a worker of this slot, bound again if it was closed; null if slots have no sockets. */
  descriptor(slot: number): number | null;
  /** Closes the primary's copy. Once no worker holds a copy either, connections go to the other slots. */
  closeSlot(slot: number): void;
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

  closeSlot(slot: number): void {
    this.#sockets[slot]?.close();
    this.#sockets[slot] = null;
  }

  close(): void {
    for (const slot of this.#sockets.keys()) this.closeSlot(slot);
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
    descriptor: () => null,
    closeSlot: () => undefined,
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
