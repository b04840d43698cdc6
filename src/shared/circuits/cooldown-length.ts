/**
 * The length of a cooldown: the provider's Retry-After if it sent one, otherwise a length that depends on the reason.
 * The primary decides for the host; a worker uses the same rule until it receives the primary's view.
 */
import { AUTH_COOLDOWN_MS, MODEL_COOLDOWN_MS, QUOTA_COOLDOWN_MS } from '../classify.ts';
import type { CooldownStarted } from '../events.ts';

/** A longer Retry-After is cut to this, in ms, so that a wrong value does not exclude a target for days. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

const FIRST_COOLDOWN_MS = 1_000;
const MAX_COOLDOWN_MS = 30_000;

/**
 * Length of a cooldown, in ms, over 0. `streak` counts the cooldowns in a row without a success between them, from 1;
 * each doubles the length if the provider sent no Retry-After. A Retry-After of 0 counts as none. For a quota or a
 * refused key, a Retry-After can only lengthen the cooldown.
 */
export function cooldownLengthMs(event: Pick<CooldownStarted, 'reason' | 'retryAfterMs'>, streak: number): number {
  const askedMs = Math.min(event.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  switch (event.reason) {
    case 'rate_limited':
      return askedMs > 0 ? askedMs : Math.min(FIRST_COOLDOWN_MS * 2 ** (streak - 1), MAX_COOLDOWN_MS);
    case 'quota':
      return Math.max(askedMs, QUOTA_COOLDOWN_MS);
    case 'auth':
      return Math.max(askedMs, AUTH_COOLDOWN_MS);
    case 'model':
      return Math.max(askedMs, MODEL_COOLDOWN_MS);
    default:
      return event.reason satisfies never;
  }
}
