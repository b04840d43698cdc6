/**
 * Tells one process from another that got its number later, and this boot of this host from all others. Read from
 * /proc; where there is none, a process is known by its number alone.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../../shared/system-code.ts';

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

/** When a process began, in a unit of the kernel's; null when it is gone, a zombie, or there is no /proc. */
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
  // The second field is the command in brackets, which may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  return state === undefined || state === '' || state === 'Z' || state === 'X' ? null : fields;
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
