/**
 * The retry budget of one provider in one worker, as a token bucket. Each request adds a share of a token, and each
 * second adds a fixed number. So retries stay within 20 % of requests plus 10 per second over the host, no matter how
 * long a provider is down. Pure. (The figures are those of Linkerd and Finagle.)
 */

export interface RetryBudget {
  readonly tokens: number;
  readonly atMs: number;
}

export interface RetryBudgetOptions {
  /** Tokens per request, 0..1. */
  readonly share: number;
  /** Tokens per second, independent of traffic: the worker's part of the host's 10. */
  readonly perSecond: number;
}

/** Retries per second and provider for the whole host, in addition to the share of requests. */
export const HOST_RETRIES_PER_SECOND = 10;

/** A bucket holds at most the per-second tokens of this time. */
const TTL_SECONDS = 10;

/** A new bucket holds the tokens of one second, and at least one, for any number of workers. */
export function openBudget(options: RetryBudgetOptions, nowMs: number): RetryBudget {
  return { tokens: Math.max(1, options.perSecond), atMs: nowMs };
}

/** Adds the share of one request. */
export function deposit(budget: RetryBudget, options: RetryBudgetOptions, nowMs: number): RetryBudget {
  const { tokens } = accrue(budget, options, nowMs);
  return { tokens: Math.min(ceiling(options), tokens + options.share), atMs: nowMs };
}

/** Takes a token for one retry; null if there is none. */
export function withdraw(budget: RetryBudget, options: RetryBudgetOptions, nowMs: number): RetryBudget | null {
  const { tokens } = accrue(budget, options, nowMs);
  return tokens < 1 ? null : { tokens: tokens - 1, atMs: nowMs };
}

function accrue(budget: RetryBudget, options: RetryBudgetOptions, nowMs: number): RetryBudget {
  const seconds = Math.max(0, nowMs - budget.atMs) / 1000;
  return { tokens: Math.min(ceiling(options), budget.tokens + seconds * options.perSecond), atMs: nowMs };
}

function ceiling(options: RetryBudgetOptions): number {
  return Math.max(1, options.perSecond * TTL_SECONDS);
}
