/** A ledger after the lives of workers, one after the other, each of which counts, sends its registry, or is gone. */

import type { MetricsLedger } from '../../src/primary/ledger/metrics-ledger.ts';
import type { WorkerEvent } from '../../src/shared/events.ts';
import { ledgerIn } from './ledger.ts';
import { SimulatedWorker } from './simulated-worker.ts';

/** What comes after the events of a step. */
export const afterSteps = ['nothing', 'snapshot', 'close'] as const;

/** What a worker counts, and what happens to it then. */
interface Step {
  readonly events: readonly WorkerEvent[];
  readonly after: (typeof afterSteps)[number];
}

/** A ledger in `folder` that has read all that these workers sent. */
export async function playedLedger(folder: string, steps: readonly Step[]): Promise<MetricsLedger> {
  const { ledger } = ledgerIn(folder, {});
  let born = 0;
  const fork = () => {
    born += 1;
    ledger.open(`w${born}`, 0, born);
    return new SimulatedWorker(`w${born}`);
  };
  let worker = fork();
  for (const { events, after } of steps) {
    worker.count(events, false);
    for (const message of worker.messages.splice(0)) ledger.events(worker.id, message.first, message.events);
    if (after === 'nothing') continue;
    await worker.snapshot();
    for (const snapshot of worker.snapshots.splice(0)) ledger.snapshot(snapshot);
    if (after === 'close') {
      await ledger.close(worker.id);
      worker = fork();
    }
  }
  return ledger;
}
