/** Resident memory of processes, from /proc. */
import { readFileSync } from 'node:fs';

/** Resident memory of one process in MB. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** The sum over several processes, in MB. */
export function residentTotal(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + residentMb(pid), 0);
}
