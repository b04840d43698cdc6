/**
 * For tests of the ledger: a ledger with a checkpoint of its own, its present total, and the snapshot of a worker.
 */
import { CarryOver } from '../../src/primary/ledger/carry-over.ts';
import { Checkpoint, type LivingWorker } from '../../src/primary/ledger/checkpoint.ts';
import { MetricsLedger } from '../../src/primary/ledger/metrics-ledger.ts';
import { numbersIn } from '../../src/primary/ledger/orphan-files.ts';
import { replay } from '../../src/primary/ledger/replay.ts';
import { yielding } from '../../src/primary/ledger/yield.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import type { WorkerEvent } from '../../src/shared/events.ts';
import type { Log } from '../../src/shared/log.ts';
import { fold } from '../../src/shared/metrics/fold.ts';
import { shapesOf } from '../../src/shared/metrics/metric-shape.ts';
import { createMetrics } from '../../src/shared/metrics/metrics.ts';
import { Counter, type MetricJson, Registry } from '../../src/shared/metrics/prom.ts';
import { folded, keptLog } from './numbers.ts';

/** Carries over the gateway's own metrics, one of the primary's, and one that Node has in a worker. */
export function carryOverOf(log: Log): CarryOver {
  const registry = new Registry();
  createMetrics(registry);
  for (const name of ['llm_worker_exits_total', 'process_cpu_seconds_total']) {
    new Counter({ name, help: 'c', registers: [registry], aggregator: 'sum' });
  }
  return new CarryOver({ known: shapesOf(registry), log });
}

/** A ledger that continues from the checkpoint in `folder`, if there is one. */
export function ledgerIn(
  folder: string,
  options: {
    readonly maxTailEvents?: number;
    readonly hasNumbers?: (worker: LivingWorker) => boolean;
    readonly clock?: Clock;
  } = {},
) {
  const { log, messages } = keptLog();
  const { clock = systemClock } = options;
  const carryOver = carryOverOf(log);
  const checkpoint = new Checkpoint({ folder, carryOver, log });
  const ledger = new MetricsLedger({ checkpoint, hasNumbers: numbersIn(folder), log, ...options, clock });
  return { ledger, carryOver, messages, log, clock };
}

/** All counts of the ledger, folded into one. */
export async function everything(ledger: MetricsLedger): Promise<MetricJson[]> {
  const { retired, workers } = ledger.view();
  const tails = await replay(
    workers.flatMap(({ tail }) => tail),
    yielding(systemClock),
  );
  return fold([retired, ...workers.map(({ base }) => base), tails]);
}

/** A snapshot that includes the first `sequence` of `events`. */
export async function snapshotOf(workerId: string, events: readonly WorkerEvent[], sequence = events.length) {
  return { workerId, sequence, metrics: await folded(events.slice(0, sequence)) };
}
