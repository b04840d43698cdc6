/** Resident memory of processes, from /proc. */
import { readFileSync } from 'node:fs';

/** Resident memory of one process in MB. */
export function residentMb(pid: number): number {
  return statusMb(pid, 'VmRSS');
}

/** The most that it ever was, or since the kernel was told to begin anew (`clear_refs`), in MB. */
export function residentPeakMb(pid: number): number {
  return statusMb(pid, 'VmHWM');
}

/** The sum over several processes, in MB. */
export function residentTotal(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + residentMb(pid), 0);
}

function statusMb(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
}
