/**
 * The wait before the next attempt at the same provider. Pure.
 */
import type { RetryOptions } from '../../shared/config.ts';

/** The longest wait before a retry while another target could be asked instead. */
const QUICK_RETRY_MS = 50;

/**
 * The wait before the one quick retry that a provider gets while another target can be used: up to 50 ms, with full
 * jitter; null where the provider asks for more, so that the other target is asked.
 *
 * @param random 0..1
 * @param retryAfterMs what the provider asked for, null if nothing
 * @returns milliseconds
 */
export function quickRetryMs(retry: RetryOptions, random: number, retryAfterMs: number | null): number | null {
  if ((retryAfterMs ?? 0) > QUICK_RETRY_MS) return null;
  return Math.max(Math.min(retry.baseDelayMs, QUICK_RETRY_MS) * random, retryAfterMs ?? 0);
}

/**
 * Exponential backoff with full jitter. The provider's Retry-After is the minimum.
 *
 * @param failures attempts that have failed at this provider, from 1
 * @param random 0..1
 * @param retryAfterMs the provider's Retry-After; null without one
 * @returns milliseconds
 */
export function backoffMs(retry: RetryOptions, failures: number, random: number, retryAfterMs: number | null): number {
  const ceiling = Math.min(retry.maxDelayMs, retry.baseDelayMs * 2 ** (failures - 1));
  return Math.max(ceiling * random, retryAfterMs ?? 0);
}
