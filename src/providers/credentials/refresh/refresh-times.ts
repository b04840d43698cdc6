/** When credentials are fetched again. Pure. */

/** Credentials that were got or tried so lately have not ended: they are not fetched again because a provider refuses them. */
export const FRESH_MS = 5_000;

/** Before they end, at the latest; of short ones, at half of their life. */
const EARLY_MS = 300_000;
/** Many hosts that started together ask at different times. */
const JITTER_SHARE = 0.1;
/** Those without an end: their file or variable may have changed. */
const REREAD_MS = 300_000;
const LONGEST_MS = 12 * 3_600_000;
const SHORTEST_MS = 1_000;

/**
 * How long after a success.
 *
 * @param lifeMs how long they last yet; null if they do not end
 * @param random 0 … 1
 */
export function refreshAfterMs(lifeMs: number | null, random: number): number {
  if (lifeMs === null) return REREAD_MS * (1 + JITTER_SHARE * random);
  const dueMs = lifeMs > 2 * EARLY_MS ? lifeMs - EARLY_MS : lifeMs / 2;
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, dueMs - Math.min(dueMs, EARLY_MS) * JITTER_SHARE * random));
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/**
 * How long after a failure: 1 s, doubled by each further one, up to 60 s; less by up to half of it.
 *
 * @param failures in a row, from 1
 * @param random 0 … 1
 */
export function retryAfterMs(failures: number, random: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (1 - random / 2);
}
