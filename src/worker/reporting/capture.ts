/**
 * Reads a worker's registry at one moment. The library's own way is not atomic (counters come back live, histograms
 * copied), so events are held back from the fold until the result is text.
 */
import { type MetricJson, type Registry, readRegistry } from '../../shared/metrics/prom.ts';
import type { Outbox } from './outbox.ts';
import { exactProcessSums } from './process-metrics.ts';

interface Captured {
  /** Number of the last event in `text`. */
  readonly sequence: number;
  readonly text: string;
}

/** The registry and the number of the last event in it, as the text that `write` makes of them. Throws if unreadable. */
export async function capture(
  registry: Registry,
  outbox: Outbox,
  write: (sequence: number, metrics: readonly MetricJson[]) => string,
): Promise<Captured> {
  const resume = outbox.hold();
  try {
    const { sequence } = outbox;
    const metrics = await readRegistry(registry);
    return { sequence, text: write(sequence, exactProcessSums(metrics)) };
  } finally {
    resume();
  }
}
