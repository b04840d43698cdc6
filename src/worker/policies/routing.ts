/**
 * Decides which targets may be asked next, and in which order. Pure: the caller checks circuits and cooldowns, target
 * by target, when it is about to use one.
 *
 * A request never returns to a target after it has moved to another one. So a request makes at most one failover per
 * target.
 */
import type { Judgement } from '../../shared/classify.ts';

interface RouteProgress {
  /** Index of the target of the last attempt, null before the first. */
  readonly last: number | null;
  /** What the judgement of the last attempt allows. */
  readonly next: Judgement['next'] | null;
  /** Indexes of all targets that were asked. */
  readonly tried: readonly number[];
  /** Whether the last target's provider has attempts left. */
  readonly mayRepeat: boolean;
}

/** Indexes of targets to consider, best first; empty if no further attempt is allowed. */
export function candidates(targetCount: number, progress: RouteProgress): number[] {
  const untried = Array.from({ length: targetCount }, (_, index) => index).filter(
    (index) => !progress.tried.includes(index),
  );
  const { last, next } = progress;
  if (last === null || next === null) return untried;
  const same = progress.mayRepeat ? [last] : [];
  switch (next) {
    case 'final':
      return [];
    case 'failover':
      return untried;
    case 'retry':
      return [...same, ...untried];
    case 'failover-first':
      return [...untried, ...same];
    default:
      return next satisfies never;
  }
}
