/**
 * The retry budget of one provider in one worker: a token bucket that every request feeds with a share of a token and
 * time with a steady few, so that retries stay within 20 % of requests and 10 a second over the host, however long a
 * provider is down. Pure. (The figures are those of Linkerd and Finagle.)
 */

export interface RetryBudget {
  readonly tokens: number;
  readonly atMs: number;
}

export interface RetryBudgetOptions {
  /** Tokens per request, 0..1. */
  readonly share: number;
  /** Tokens per second whatever the traffic: the worker's part of the host's 10. */
  readonly perSecond: number;
}

/** What the host grants per second and provider, beside the share. */
export const HOST_RETRIES_PER_SECOND = 10;

/** Savings are kept for so long: the steady tokens of ten seconds are the most that a bucket holds. */
const TTL_SECONDS = 10;

/** A fresh bucket holds the steady tokens of one second, and one retry at the least, however many workers share them. */
export function openBudget(options: RetryBudgetOptions, nowMs: number): RetryBudget {
  return { tokens: Math.max(1, options.perSecond), atMs: nowMs };
}

/** A request arrived for the provider. */
export function deposit(budget: RetryBudget, options: RetryBudgetOptions, nowMs: number): RetryBudget {
  const { tokens } = accrue(budget, options, nowMs);
  return { tokens: Math.min(ceiling(options), tokens + options.share), atMs: nowMs };
}

/** Takes a token for one retry; null when there is none. */
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
