/**
 * How many client connections a process may hold, so that descriptors stay free for all else that it opens: connections
 * to providers, snapshots, logs, new workers.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Kept back for files, pipes and the sockets of name look-ups; an eighth of the limit if that is less. */
const SPARE = 32;

/** What the system allows this process, and what it has open now; null where the system does not tell. */
interface Descriptors {
  readonly limit: number;
  readonly open: number;
}

/** Reads `/proc`. Node has raised the soft limit to the hard one when it started. */
export function readDescriptors(): Descriptors | null {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return soft === undefined ? null : { limit: Number(soft), open: readdirSync('/proc/self/fd').length };
  } catch {
    // No Linux, or no /proc: only the configured limit holds.
    return null;
  }
}

/**
 * The most connections of clients: as configured, but never more than half of the free descriptors, since each may need
 * another one to a provider. At least 1.
 */
export function connectionCap(configured: number, descriptors: Descriptors | null): number {
  if (descriptors === null) return configured;
  const free = descriptors.limit - descriptors.open - Math.min(SPARE, Math.ceil(descriptors.limit / 8));
  return Math.max(1, Math.min(configured, Math.floor(free / 2)));
}
