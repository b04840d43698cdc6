/**
 * Distinguishes a process from a later one with the same pid, and this boot of this host from all others. It reads
 * /proc; on a system without it, a process is identified by its pid alone.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../../shared/system-code.ts';

/** A name of this host that changes with each boot: the processes of another boot are all gone. */
export function hostIdentity(): string {
  return `${hostname()} ${readOr('/proc/sys/kernel/random/boot_id', 'unknown boot').trim()}`;
}

/** When a process started, in the kernel's clock ticks; null when it is gone or a zombie, or without /proc. */
export function processStart(pid: number): string | null {
  const stat = readOr(`/proc/${pid}/stat`, '');
  // The second field is the command in brackets, which may itself contain spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  if (state === undefined || state === 'Z' || state === 'X') return null;
  return fields[19] ?? null;
}

/** Whether the process with `pid` and `start` (from `processStart`) still runs. */
export function isRunning(pid: number, start: string | null): boolean {
  if (start !== null) return processStart(pid) === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return systemCode(error) === 'EPERM';
  }
}

function readOr(file: string, fallback: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // No such process, or no /proc on this platform: the fallback is the answer.
    return fallback;
  }
}
