/**
 * Waits until all buffers of unread streams are full: nothing flows through the processes, and their memory is flat.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { cpuMicroseconds } from '../../processes/cpu-time.ts';
import { residentTotal } from '../../processes/resident-memory.ts';

/**
 * The kernel buffers megabytes of each connection before the first byte waits in a process; filling them takes time.
 */
const WITHIN_MS = 100_000;
const LOOK_EVERY_MS = 1000;

/** Less CPU time than that between two looks means that nothing flows any more. */
const QUIET_MICROSECONDS = 50_000;
const FLAT_MB = 1;

/** Resolves when these processes are idle; rejects if they are not after 100 s. */
export async function untilFull(pids: readonly number[]): Promise<void> {
  const giveUpAt = performance.now() + WITHIN_MS;
  const read = () => ({ cpu: cpuMicroseconds(pids), mb: residentTotal(pids) });
  for (let before = read(); performance.now() < giveUpAt; ) {
    await pause(LOOK_EVERY_MS);
    const now = read();
    if (now.cpu - before.cpu < QUIET_MICROSECONDS && Math.abs(now.mb - before.mb) < FLAT_MB) return;
    before = now;
  }
  throw new Error('unread streams keep flowing');
}
