/**
 * Reads a worker's registry in a consistent state. The library's own read is not atomic (counters are returned live,
 * histograms as copies), so events are held back from the fold until the result is text.
 */
import { type MetricJson, type Registry, readRegistry } from '../../shared/metrics/prom.ts';
import type { Outbox } from './outbox.ts';
import { exactProcessSums } from './process-metrics.ts';

interface Captured {
  /** Number of the last event in `text`. */
  readonly sequence: number;
  readonly text: string;
}

/** Reads the registry and the number of the last event in it; `write` makes the text. Throws if the read fails. */
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
