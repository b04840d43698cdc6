/**
 * Keeps what is measured apart from what loads it: workers run on the last core, everything else on the others. Where
 * they share cores, they displace each other's caches, and CPU per request spreads twice as far. Does nothing on a
 * machine with one core or without `taskset`.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { isInstalled } from '../../processes/program.ts';
import type { ProxyKind } from '../proxies/proxies.ts';

/** Read once: a pinned process sees fewer. */
const last = availableParallelism() - 1;
const canPin = last > 0 && isInstalled('taskset');

/** Moves this process, and all that it starts from now on, to the other cores. */
export function leaveLastCore(): void {
  pin(process.pid, `0-${last - 1}`);
}

/** The same kind, with its serving processes on the last core. */
export function onLastCore(kind: ProxyKind): ProxyKind {
  return {
    ...kind,
    async start(upstreamPort) {
      const proxy = await kind.start(upstreamPort);
      for (const pid of proxy.serving) pin(pid, String(last));
      return proxy;
    },
  };
}

/** With all threads. */
function pin(pid: number, cores: string): void {
  if (canPin) spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]);
}
