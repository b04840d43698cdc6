/**
 * Keeps what is measured apart from what loads it: workers run on the last core, everything else on the others. Where
 * they share cores, they displace each other's caches, and CPU per request spreads twice as far.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { isInstalled } from '../program.ts';

/** Whether processes can be pinned here. */
export const canPin = availableParallelism() > 1 && isInstalled('taskset');

/** Pins all threads of these processes, where that is possible. */
export function pinApart(workers: readonly number[], others: readonly number[]): void {
  if (!canPin) return;
  const last = availableParallelism() - 1;
  for (const pid of workers) pin(pid, String(last));
  for (const pid of others) pin(pid, `0-${last - 1}`);
}

function pin(pid: number, cores: string): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]);
}
