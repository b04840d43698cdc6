/** What history says of each model's last minute, in the form that rules read. Pure. */
import type { History } from '../history/history.ts';
import { RECENT, type RecentCounts, type Sums } from '../history/recent-counts.ts';
import { STEP_MS } from '../history/steps.ts';
import { alerts } from './alerts.ts';
import type { FailuresInARow, RecentFailures } from './facts.ts';

/** After so many steps without another failure, a run says nothing of now: as long as the alert looks back. */
const RUN_STEPS = (alerts.HeadgateErrors.ranges.short * 1000) / STEP_MS;

/** Models with failures in the last minute, and who failed most. */
export function recentFailures({ models, runs, step: current, steps }: History): RecentFailures[] {
  return [...models.all].flatMap(({ name, recent, targets }) => {
    const sums = recent.all();
    const failed = sums.errors.provider + sums.errors.gateway;
    if (failed === 0) return [];
    const isOver =
      [current - 1, current].every((step) => recent.failuresIn(step) === 0) &&
      answersIn(recent, current - 1, current) > 0;
    let first = current - RECENT + 1;
    while (first < current && recent.failuresIn(first) === 0) first += 1;
    let worst: { readonly provider: string; readonly failures: number } | null = null;
    for (const target of targets) {
      const { errors: own } = target.recent.all();
      const failures = own.provider + own.gateway;
      if (failures > (worst?.failures ?? 0)) worst = { provider: target.provider, failures };
    }
    const isOneRun = (runs.of(name)?.failures ?? 0) >= failed;
    return [
      {
        ...{ model: name, failed, answered: answersOf(sums), isOver, sinceMs: steps.beginsAtMs(first) },
        answeredSince: isOneRun ? 0 : answersIn(recent, first, current),
        provider: worst?.provider ?? null,
      },
    ];
  });
}

/** Models of which the last requests failed, one after another. */
export function failureRuns({ runs, step: current, steps }: History): FailuresInARow[] {
  return [...runs.all()].flatMap(([model, { failures, first, last, provider }]) =>
    last < current - RUN_STEPS ? [] : [{ model, failures, sinceMs: steps.beginsAtMs(first), provider }],
  );
}

/** Whether something has been answered in the last minute, or has begun to be. */
export function isAlive({ recent }: { readonly recent: RecentCounts }): boolean {
  const sums = recent.all();
  return answersOf(sums) > 0 || !Number.isNaN(sums.firstContentMs);
}

/** Requests that were answered. */
export function answersOf({ requests, errors }: Sums): number {
  return requests - errors.client - errors.policy - errors.provider - errors.gateway;
}

function answersIn(recent: RecentCounts, first: number, last: number): number {
  let answers = 0;
  for (let step = first; step <= last; step += 1) answers += answersOf(recent.of(step));
  return answers;
}
