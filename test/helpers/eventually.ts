/**
 * Waiting for a condition instead of guessing how long something takes.
 */

/** Resolves with the first value of `probe` that is neither null, undefined nor false; rejects after `withinMs`. */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  withinMs = 5_000,
): Promise<Exclude<T, null | undefined | false>> {
  const startedAt = performance.now();
  for (;;) {
    const value = await probe();
    if (value !== null && value !== undefined && value !== false) {
      return value as Exclude<T, null | undefined | false>;
    }
    if (performance.now() - startedAt > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
