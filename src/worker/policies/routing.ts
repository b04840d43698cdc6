/**
 * Which targets may be asked next, in order, after what has happened so far. Pure: circuits and cooldowns are looked at by
 * the caller, target by target, when it is about to use one.
 *
 * A target is left for good when the request moves on from it, so that failovers stay within one per target and
 * request whatever follows.
 */
import type { Judgement } from '../../shared/classify.ts';

interface RouteProgress {
  /** Index of the target of the last attempt, null before the first. */
  readonly last: number | null;
  /** What the last attempt's judgement allows. */
  readonly next: Judgement['next'] | null;
  /** Indexes of all targets that were asked. */
  readonly tried: readonly number[];
  /** Whether the last target's provider has attempts left. */
  readonly mayRepeat: boolean;
}

/** Indexes of targets to consider, best first; empty when the last word is spoken. */
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
