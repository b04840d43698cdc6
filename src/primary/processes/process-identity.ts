/**
 * Tells one process from another that got its number later, and this boot of this host from all others. Read from
 * /proc; where there is none, a process is known by its number alone.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../../shared/system-code.ts';

/** What names this host until it is booted anew: processes of another boot are all gone. */
export function hostIdentity(): string {
  return `${hostname()} ${readOr('/proc/sys/kernel/random/boot_id', 'unknown boot').trim()}`;
}

/** When a process began, in a unit of the kernel's; null when it is gone, a zombie, or there is no /proc. */
export function processStart(pid: number): string | null {
  const stat = readOr(`/proc/${pid}/stat`, '');
  // The second field is the command in brackets, which may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  if (state === undefined || state === 'Z' || state === 'X') return null;
  return fields[19] ?? null;
}

/** Whether the process that had `pid` and `start` (of `processStart`) still runs. */
export function isRunning(pid: number, start: string | null): boolean {
  if (start !== null) return processStart(pid) === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return systemCode(error) === 'EPERM';
  }
}

function readOr(file: string, fallback: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // No such process, or no /proc on this platform: both are answers here.
    return fallback;
  }
}
