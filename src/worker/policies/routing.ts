/**
 * Decides which targets may be asked next, and in which order. Pure: the caller checks circuits and cooldowns, target
 * by target, when it is about to use one.
 *
 * A request never returns to a target after it has moved to another one. So a request makes at most one failover per
 * target.
 */
import type { Judgement } from '../../shared/judgements.ts';

interface RouteProgress {
  /** Index of the target of the last attempt, null before the first. */
  readonly last: number | null;
  /** What the judgement of the last attempt allows. */
  readonly next: Judgement['next'] | null;
  /** Indexes of all targets that were asked. */
  readonly tried: readonly number[];
  /** Whether the last target's provider has attempts left. */
  readonly mayRepeat: boolean;
  /** Whether a retry at the last target's provider comes before another target (`retriesFirst`). */
  readonly retryFirst: boolean;
  /** Whether more than one attempt of the request ended as `failover-once` says. */
  readonly failoverIsUsed: boolean;
}

/** Attempts at a provider while another target can be used: the first one and one quick retry. */
const ATTEMPTS_BEFORE_FAILOVER = 2;

/**
 * Whether a failed provider is asked again before another target. While another target can be used, a provider gets one
 * quick retry at most: a client waits for the back-off of all its attempts otherwise, beside a target that works.
 *
 * @param attempts so far at the provider, from 1
 * @param quickMs the wait before a quick retry; null where the provider asks for a longer one
 */
export function retriesFirst(otherIsUsable: boolean, attempts: number, quickMs: number | null): boolean {
  return !otherIsUsable || (attempts < ATTEMPTS_BEFORE_FAILOVER && quickMs !== null);
}

/**
 * Indexes of targets to consider, best first; empty when nothing may be tried any more.
 *
 * @param order of all targets, as `orderTargets` gives it
 */
export function candidates(order: readonly number[], progress: RouteProgress): number[] {
  const untried = order.filter((index) => !progress.tried.includes(index));
  const { last, next } = progress;
  if (last === null || next === null) return untried;
  const same = progress.mayRepeat ? [last] : [];
  switch (next) {
    case 'final':
      return [];
    case 'failover':
      return untried;
    case 'failover-once':
      return progress.failoverIsUsed ? [] : untried;
    case 'retry':
      return progress.retryFirst ? [...same, ...untried] : [...untried, ...same];
    case 'failover-first':
      return [...untried, ...same];
    default:
      return next satisfies never;
  }
}
