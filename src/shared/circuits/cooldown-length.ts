/**
 * How long what a provider refused is to be left alone: its own word where it gave one, else a length that depends on
 * the reason. The primary decides for the host; a worker uses the same rule until it hears from the primary.
 */
import { AUTH_COOLDOWN_MS, MODEL_COOLDOWN_MS, QUOTA_COOLDOWN_MS } from '../classify.ts';
import type { CooldownStarted } from '../events.ts';

/** The longest Retry-After that is obeyed, in ms: a mistaken one must not take a target away for days. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

const FIRST_COOLDOWN_MS = 1_000;
const MAX_COOLDOWN_MS = 30_000;

/**
 * Length of a rest, in ms, over 0. `streak` counts the cooldowns in a row without a success between them, from 1; each
 * doubles the length where the provider named none. A Retry-After of 0 names none: obeying it would be no rest.
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
