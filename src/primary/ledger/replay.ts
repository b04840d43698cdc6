/**
 * Turns the tails of events into a registry in JSON form, with the same `record` that the workers use, so that both
 * arrive at the same numbers. It reads the tails as they are given, and takes breaths.
 */
import { createMetrics } from '../../shared/metrics/metrics.ts';
import { type MetricJson, Registry, readRegistry } from '../../shared/metrics/prom.ts';
import { record } from '../../shared/metrics/record.ts';
import type { TailPiece } from './worker-account.ts';
import type { Breath } from './yield.ts';

const EVENTS_BETWEEN_BREATHS = 500;

/** The counts of all events in `pieces`, whosever they are; metrics without any are left out. */
export async function replay(pieces: readonly TailPiece[], breath: Breath): Promise<MetricJson[]> {
  if (pieces.length === 0) return [];
  const registry = new Registry();
  const metrics = createMetrics(registry);
  let sinceBreath = 0;
  for (const { events } of pieces) {
    for (const event of events) record(metrics, event);
    sinceBreath += events.length;
    if (sinceBreath < EVENTS_BETWEEN_BREATHS) continue;
    sinceBreath = 0;
    await breath();
  }
  return (await readRegistry(registry)).filter(({ values }) => values.length > 0);
}
