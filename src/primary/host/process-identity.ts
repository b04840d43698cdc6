/**
 * Distinguishes a process from a later one with the same pid, and this boot of this host from all others. It reads
 * /proc; on a system without it, a process is identified by its pid alone.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../../shared/host/system-code.ts';

/** The unit of CPU times in /proc, on every architecture that Node runs on. */
const CPU_TICK_MS = 10;

/** What names this boot of this host, for files. Processes of another boot are all gone. */
export function hostIdentity(): string {
  return `${hostname()} ${bootId() ?? 'unknown boot'}`;
}

/**
 * Whether `identity` (of `hostIdentity`) is of this boot of this host. The boot's id alone decides: a host that is
 * renamed, and a container that is made anew with another name, still know the processes of that boot.
 */
export function isThisBoot(identity: string): boolean {
  const boot = bootId();
  return boot === null ? identity === hostIdentity() : identity.split(' ').at(-1) === boot;
}

function bootId(): string | null {
  const id = readOr('/proc/sys/kernel/random/boot_id', '').trim();
  return id === '' ? null : id;
}

/** When a process started, in the kernel's clock ticks; null when it is gone or a zombie, or without /proc. */
export function processStart(pid: number): string | null {
  return runningStat(pid)?.[19] ?? null;
}

/** CPU time that a process has used so far, in ms; null when it is gone, a zombie, or there is no /proc. */
export function processCpuMs(pid: number): number | null {
  const fields = runningStat(pid);
  const ticks = Number(fields?.[11]) + Number(fields?.[12]);
  return Number.isNaN(ticks) ? null : ticks * CPU_TICK_MS;
}

/** The fields of /proc/<pid>/stat from its third on, the state; null when the process is gone, a zombie, or unknown. */
function runningStat(pid: number): string[] | null {
  const stat = readOr(`/proc/${pid}/stat`, '');
  // The second field is the command in brackets, which may itself contain spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  return state === undefined || state === '' || state === 'Z' || state === 'X' ? null : fields;
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
