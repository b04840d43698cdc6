/**
 * Takes the place of `src/shared/metrics/folded-metric.ts`: prom-client's own counters and histograms, behind the
 * constructors of ours. Its `labels` creates no child, so the primary's series do not begin at 0; workers begin none.
 */
import { Counter, Histogram, type Registry } from 'prom-client';

interface Description {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** The library's counter. */
export class FoldedCounter extends Counter<string> {
  constructor(registry: Registry, { name, help, labelNames }: Description) {
    super({ name, help, labelNames, registers: [registry] });
  }
}

/** The library's histogram. */
export class FoldedHistogram extends Histogram<string> {
  constructor(registry: Registry, description: Description & { readonly buckets: readonly number[] }) {
    const { name, help, labelNames, buckets } = description;
    super({ name, help, labelNames, buckets: [...buckets], registers: [registry] });
  }
}
