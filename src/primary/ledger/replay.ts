/**
 * Turns tails of events into a registry in JSON form, with the same `record` function that the workers use, so that
 * both compute the same numbers. It does not change the tails, and it yields between them.
 */
import { createMetrics } from '../../shared/metrics/metrics.ts';
import { type MetricJson, Registry, readRegistry } from '../../shared/metrics/prom.ts';
import { record } from '../../shared/metrics/record.ts';
import type { TailPiece } from './worker-account.ts';
import type { Yield } from './yield.ts';

const EVENTS_BETWEEN_YIELDS = 500;

/** The counts of all events in `pieces`, over all workers; metrics without values are left out. */
export async function replay(pieces: readonly TailPiece[], yieldTurn: Yield): Promise<MetricJson[]> {
  if (pieces.length === 0) return [];
  const registry = new Registry();
  const metrics = createMetrics(registry);
  let sinceYield = 0;
  for (const { events } of pieces) {
    for (const event of events) record(metrics, event);
    sinceYield += events.length;
    if (sinceYield < EVENTS_BETWEEN_YIELDS) continue;
    sinceYield = 0;
    await yieldTurn();
  }
  return (await readRegistry(registry)).filter(({ values }) => values.length > 0);
}
