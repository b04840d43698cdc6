/**
 * Notices other programs that listen on the gateway's port. The sockets of its own workers have SO_REUSEPORT, so a
 * program of the same user can share the port without an error, and take a part of the connections.
 *
 * At the start such a program keeps the gateway from serving, like one that holds the port alone. Later it is reported:
 * ending a gateway that serves would help nobody.
 */

import type { Clock, Timer } from '../../shared/clock.ts';
import { addressText } from '../../shared/host/loopback.ts';
import type { Log } from '../../shared/log.ts';
import { listeningInodes, ownersOf } from './listeners.ts';
import { PortTakenError } from './start-errors.ts';

const LOOK_EACH_MS = 10_000;

interface ForeignListenersOptions {
  /** A numeric address. */
  readonly host: string;
  readonly port: number;
  /** Whether a socket, by its inode, is this gateway's own. */
  readonly isOwn: (inode: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Looks once when it is made, and then again and again until it is cancelled. Throws `PortTakenError`. */
export function watchForeignListeners(options: ForeignListenersOptions): Timer {
  const { host, port, isOwn, clock, log } = options;
  /** Orphans' sockets, and those that were reported. */
  const known = new Set<string>();
  const look = (judge: (owner: { readonly pid: number; readonly command: string } | null) => void) => {
    const unknown = new Set(listeningInodes(host, port).filter((inode) => !isOwn(inode) && !known.has(inode)));
    if (unknown.size === 0) return;
    const owners = ownersOf(unknown);
    for (const inode of unknown) {
      known.add(inode);
      const owner = owners.get(inode) ?? null;
      if (owner?.isWorker !== true) judge(owner);
    }
  };
  const report = (owner: { readonly pid: number; readonly command: string } | null) => {
    log.warn({ host, port, ...owner }, 'another program listens on the same port and takes a part of the connections');
  };
  look((owner) => {
    if (owner !== null) {
      throw new PortTakenError('gateway', addressText(host, port), undefined, `${owner.command} (pid ${owner.pid})`);
    }
    // Its process cannot be seen: in another container, say. It may be an orphan after all.
    report(owner);
  });
  return clock.every(LOOK_EACH_MS, () => look(report));
}
