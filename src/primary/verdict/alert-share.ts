/** By which share of failures the alert of errors fires, for one model or for all. Pure. */
import { STEP_MS } from '../history/steps.ts';
import { alerts, holds } from './alerts.ts';
import type { VerdictFacts } from './facts.ts';

const { bounds, ranges } = alerts.HeadgateErrors;

/** Why the alert fires. */
interface AlertShare {
  readonly share: number;
  /** How many requests failed in the time that it looks back. */
  readonly failed: number;
  /** When the first of them did, in ms since 1970; to ten seconds. */
  readonly sinceMs: number;
}

/** The share of the requests for `all` by which the alert fires for `models` together; null if it does not. */
export function alertShare(
  { counts, wallMs }: VerdictFacts,
  models: readonly string[],
  all: readonly string[],
): AlertShare | null {
  const sumOf = (names: readonly string[], counted: 'failed' | 'answered', seconds: number) =>
    names.reduce((total, name) => total + counts.increase(counted, name, seconds), 0);
  const shareOf = (failed: number, seconds: number): AlertShare => {
    const share = failed / (sumOf(all, 'failed', seconds) + sumOf(all, 'answered', seconds));
    const stepsAgo = Math.max(...models.map((name) => counts.firstGrown('failed', name, seconds) ?? 0));
    return { share, failed, sinceMs: wallMs - stepsAgo * STEP_MS };
  };
  const short = sumOf(models, 'failed', ranges.short);
  if (holds(short, bounds.failures)) {
    const found = shareOf(short, ranges.short);
    if (holds(found.share, bounds.share)) return found;
  }
  const long = sumOf(models, 'failed', ranges.long);
  if (!holds(long, bounds.failures) || !holds(sumOf(models, 'failed', ranges.lately), bounds.lately)) return null;
  const found = shareOf(long, ranges.long);
  return holds(found.share, bounds.shareOfHour) ? found : null;
}
