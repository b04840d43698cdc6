/**
 * Waiting for a condition instead of for a fixed time. The limit is for what never comes: it says nothing of how soon it
 * should come, so it is many times what a busy machine needs. Who wants to hold something to a time measures that.
 */
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Calls `probe` until it returns something other than null, undefined and false, and resolves with that.
 *
 * @param what named in the error after `withinMs`; an error of `probe` itself is passed on immediately
 */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  withinMs = 30_000,
  everyMs = 5,
): Promise<Exclude<T, null | undefined | false>> {
  const startedAt = performance.now();
  for (;;) {
    const value = await probe();
    if (value !== null && value !== undefined && value !== false) {
      return value as Exclude<T, null | undefined | false>;
    }
    if (performance.now() - startedAt > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(everyMs);
  }
}
