/**
 * How long a target takes lately: a mean of what requests have shown, in which older ones count less and less. Pure.
 *
 * What is expected of a target that nobody asks falls with time. So a slow one is asked again after a while, and found
 * again if it has become fast.
 */

/** After so long, what was seen before counts half, and half as much is expected of an idle target. */
export const HALF_LIFE_MS = 20_000;

/** A failure says that a target is no faster than this, however fast it failed. */
const LEAST_OF_A_FAILURE_MS = 5_000;

/** Where nothing is known, a shorter wait in vain would make the target look fast. */
const LEAST_KNOWN_WAIT_MS = 1_000;

/** Each request changes the mean by a tenth at least, however soon it follows on another one. */
const MOST_KEPT = 0.9;

export interface Latency {
  /** The mean, in ms. */
  readonly ms: number;
  /** When something was seen last. */
  readonly atMs: number;
}

/** What is known after a request took so long; `before` is null if nothing was. */
export function observed(before: Latency | null, tookMs: number, nowMs: number): Latency {
  if (before === null) return { ms: tookMs, atMs: nowMs };
  const kept = Math.min(remaining(before, nowMs), MOST_KEPT);
  return { ms: before.ms * kept + tookMs * (1 - kept), atMs: nowMs };
}

/**
 * What is known after a request was given up that had waited so long. It would have taken longer, so it counts where it is
 * more than what was seen.
 */
export function waitedInVain(before: Latency | null, waitedMs: number, nowMs: number): Latency | null {
  return waitedMs < (before?.ms ?? LEAST_KNOWN_WAIT_MS) ? before : observed(before, waitedMs, nowMs);
}

/** How long an attempt counts that failed by the target's fault. */
export function failedMs(tookMs: number): number {
  return Math.max(tookMs, LEAST_OF_A_FAILURE_MS);
}

/**
 * What is expected of the next request, in ms.
 *
 * @param isIdle nobody asks it now: what was seen is forgiven with time, but to one request only, until that has ended
 */
export function expectedMs(latency: Latency, isIdle: boolean, nowMs: number): number {
  return isIdle ? latency.ms * remaining(latency, nowMs) : latency.ms;
}

/** Which share of what was seen is left, 0..1. */
function remaining({ atMs }: Latency, nowMs: number): number {
  return 2 ** (-Math.max(0, nowMs - atMs) / HALF_LIFE_MS);
}
