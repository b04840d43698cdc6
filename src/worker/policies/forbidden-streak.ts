/**
 * When 403 answers whose words do not say what they are about mean the key. One such answer may concern its prompt alone;
 * only when several different requests in a row get one, and none between was let in, does the provider refuse the key.
 * Pure.
 */
import type { AttemptResult } from '../../shared/classify.ts';

/** Digests of the different requests in a row that a provider answered with 403. */
export type ForbiddenStreak = readonly string[];

/** So many different requests in a row mean the key. A client that repeats one request never gets there. */
const FORBIDDEN_REQUESTS = 5;

/** The streak after another 403; the very same object where this request is part of it already. */
export function withForbidden(streak: ForbiddenStreak, digest: string): ForbiddenStreak {
  return streak.includes(digest) ? streak : [...streak, digest].slice(-FORBIDDEN_REQUESTS);
}

/** Whether the key is refused. */
export function meansKey(streak: ForbiddenStreak): boolean {
  return streak.length >= FORBIDDEN_REQUESTS;
}

/** Whether an attempt shows that the key is accepted: a 2xx, or a 4xx that is about something else. */
export function acceptsKey(result: AttemptResult): boolean {
  switch (result.kind) {
    case 'success':
    case 'empty':
      return true;
    case 'status':
    case 'error-event':
      return result.status !== null && result.status < 500 && result.status !== 401 && result.status !== 403;
    default:
      return false;
  }
}
