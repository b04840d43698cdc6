/**
 * The wait before the next attempt at the same provider. Pure.
 */
import type { RetryOptions } from '../../shared/config.ts';

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
