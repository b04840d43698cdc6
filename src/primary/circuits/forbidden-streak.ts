/**
 * When 403 answers whose words do not say what they are about mean the key. One such answer may concern its prompt alone;
 * only when several different requests in a row get one, whichever workers send them, does the provider refuse the key.
 * Any answer that shows the key accepted ends the row. Pure.
 *
 * 403s are quick and successes slow: many of one caller's fit into the time of another's single answer, and into the
 * time that events of another worker take to be read. So a row counts only once it has lasted a while.
 */

interface Forbidden {
  /** Identifies the request's body. */
  readonly body: number;
  readonly atMs: number;
}

/** 403s in a row from one provider. */
export interface ForbiddenStreak {
  /** Requests that were sent before do not count: they had another key, or an operator has since said that it works. */
  readonly countsFromMs: number;
  /** When the first one came; without meaning while there is none. */
  readonly sinceMs: number;
  /** The latest one of each of the last different requests, oldest first; at most `FORBIDDEN_REQUESTS`. */
  readonly latest: readonly Forbidden[];
}

/** So many different requests in a row mean the key. A client that repeats one request never gets there. */
export const FORBIDDEN_REQUESTS = 5;

/** They must have come within this time. */
export const FORBIDDEN_WINDOW_MS = 300_000;

/** How long a row must have lasted, so that answers under way, and events on their way, can end it. */
export const FORBIDDEN_LEAST_MS = 5_000;

/** No 403 so far. */
export function noStreak(countsFromMs: number): ForbiddenStreak {
  return { countsFromMs, sinceMs: countsFromMs, latest: [] };
}

/** The streak after another 403, for a request that was sent at `sentMs`. */
export function withForbidden(streak: ForbiddenStreak, body: number, sentMs: number, nowMs: number): ForbiddenStreak {
  if (sentMs < streak.countsFromMs) return streak;
  const recent = recentOf(streak, nowMs);
  return {
    countsFromMs: streak.countsFromMs,
    sinceMs: recent.length === 0 ? nowMs : streak.sinceMs,
    latest: [...recent.filter((known) => known.body !== body), { body, atMs: nowMs }].slice(-FORBIDDEN_REQUESTS),
  };
}

/** The streak after an answer that shows the key accepted; the very same object where there was no 403. */
export function withAccepted(streak: ForbiddenStreak): ForbiddenStreak {
  return streak.latest.length === 0 ? streak : noStreak(streak.countsFromMs);
}

/** Whether the key is refused. */
export function meansKey(streak: ForbiddenStreak, nowMs: number): boolean {
  return nowMs - streak.sinceMs >= FORBIDDEN_LEAST_MS && recentOf(streak, nowMs).length >= FORBIDDEN_REQUESTS;
}

function recentOf({ latest }: ForbiddenStreak, nowMs: number): readonly Forbidden[] {
  return latest.filter(({ atMs }) => nowMs - atMs < FORBIDDEN_WINDOW_MS);
}
