/**
 * One scrape, from the request to the page:
 *
 *   ask workers for fresh snapshots, read orphans' files ─ wait for a short part of the deadline
 *   → in one turn: take retired and every worker's base and tail    (the moment that the page shows)
 *   → write the checkpoint again if somebody removed it
 *   → read the primary's own registry; its counters go to the checkpoint before they are shown
 *   → replay the tails, merge metric by metric                      (with yields)
 *
 * A scrape asks the workers but does not need their answers: without them the counts are complete, and only the gauges
 * are older.
 */
import type { Clock } from '../../shared/clock.ts';
import { GatewayError } from '../../shared/errors.ts';
import type { MetricJson } from '../../shared/metrics/prom.ts';
import { SPEND_METRIC } from '../../shared/metrics/spend.ts';
import type { MetricsLedger } from '../ledger/metrics-ledger.ts';
import type { OrphanFiles } from '../ledger/orphan-files.ts';
import { replay } from '../ledger/replay.ts';
import { yielding } from '../ledger/yield.ts';
import { mergeToText } from './merge.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { OwnMetrics } from './own-metrics.ts';

/** The only format served: prom-client's OpenMetrics output is malformed for aggregates. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const DEADLINE_MS = 250;
/** The longest wait for fresh snapshots, as a part of the deadline. */
const MAX_WAIT_MS = 75;
const RETRY_AFTER_MS = 1000;

interface ScrapeOptions {
  readonly ledger: MetricsLedger;
  readonly own: OwnMetrics;
  readonly orphans: OrphanFiles;
  /** Asks every ready or draining worker for a snapshot, and returns their ids. */
  readonly requestSnapshots: () => readonly string[];
  /** Called with the age of each worker's snapshot as the page shows it. */
  readonly agesShown?: (ages: readonly { readonly slot: number; readonly ageMs: number }[]) => void;
  readonly clock: Clock;
}

/**
 * Makes the function that answers scrapes. Simultaneous scrapes share one page. It rejects with `metrics_unavailable`
 * while the counts of a previous primary's workers are not known, at most 3 s after the start.
 */
export function createScrape(options: ScrapeOptions): () => Promise<string> {
  const { clock } = options;
  /** How long the last page took, from reading its inputs to its end. */
  let mergeMs = 0;

  const makePage = async (taken: () => void): Promise<string> => {
    // A large merge leaves less time to wait. Twice the last duration is reserved, since the load of a host varies.
    const lateNow = await waitForFresh(options, Math.min(MAX_WAIT_MS, DEADLINE_MS - 2 * mergeMs));
    taken();
    const sinceMs = clock.nowMs();
    const text = await pageNow(options, lateNow);
    mergeMs = clock.nowMs() - sinceMs;
    return text;
  };
  return oneAtATime(makePage, () => 2 * mergeMs + MAX_WAIT_MS <= DEADLINE_MS);
}

/** Waits until all workers have answered, at most `waitMs`. Resolves with a function that counts the late workers. */
async function waitForFresh(options: ScrapeOptions, waitMs: number): Promise<() => number> {
  const { ledger, orphans, requestSnapshots, clock } = options;
  const asked = requestSnapshots().map((id) => ({ id, before: ledger.snapshotsOf(id) }));
  // A worker that is gone is not late: its counts are complete.
  const lateNow = () => asked.filter(({ id, before }) => before !== null && ledger.snapshotsOf(id) === before).length;

  const { promise: waited, resolve: stop } = Promise.withResolvers<void>();
  const timer = clock.after(Math.max(0, waitMs), stop);
  const fresh = Promise.withResolvers<void>();
  const check = () => {
    if (lateNow() === 0) fresh.resolve();
  };
  const unsubscribe = ledger.onSnapshot(check);
  check();
  await Promise.race([waited, Promise.all([fresh.promise, orphans.read()])]);
  unsubscribe();
  timer.cancel();
  return lateNow;
}

/** Takes all inputs in the present turn and makes the page from them. */
async function pageNow(
  { ledger, own, orphans, clock, agesShown }: ScrapeOptions,
  lateNow: () => number,
): Promise<string> {
  if (!orphans.settled) {
    throw new GatewayError(
      'metrics_unavailable',
      'The counts of the workers before the last restart are not complete yet.',
      {
        retryAfterMs: RETRY_AFTER_MS,
      },
    );
  }
  const { retired, workers } = ledger.view();
  // This must come before the gauge `llm_state_writable` is read.
  ledger.keepCheckpoint();
  const snapshotAges = workers.map(({ slot, snapshotAgeMs }) => ({ slot, ageMs: snapshotAgeMs }));
  agesShown?.(snapshotAges);
  const ownMetrics = await own.read({ lateWorkers: lateNow(), snapshotAges });
  ledger.keepOwn(ownMetrics);
  const yieldTurn = yielding(clock);
  const tails = await replay(
    workers.flatMap(({ tail }) => tail),
    yieldTurn,
  );
  const all = [ownMetrics, retired, ...workers.map(({ base }) => base), tails];
  return mergeToText(all.map(onPage), yieldTurn);
}

/** Without what is for the spend books alone. */
function onPage(metrics: readonly MetricJson[]): MetricJson[] {
  return metrics.filter(({ name }) => name !== SPEND_METRIC);
}
