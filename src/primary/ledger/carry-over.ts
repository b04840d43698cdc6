/**
 * Decides which numbers of a file this version can go on from. The file may come from an older or a newer version: each
 * metric is judged alone, so that one that was added, removed or changed costs no other metric its counts.
 */
import { asRecord } from '../../shared/json.ts';
import type { Log } from '../../shared/log.ts';
import { agrees, isSoundMetric, type MetricShape } from '../../shared/metrics/metric-shape.ts';
import { isMetricJson, type MetricJson } from '../../shared/metrics/prom.ts';

interface CarryOverOptions {
  /** Every counter and histogram that this version has, in the primary and in its workers. */
  readonly known: readonly MetricShape[];
  readonly log: Log;
}

/** One per gateway, for its checkpoint and the files of its orphans. */
export class CarryOver {
  readonly #known: ReadonlyMap<string, MetricShape>;
  readonly #log: Log;
  /** Metrics that a log line has named already: an orphan's file is read once a second. */
  readonly #named = new Set<string>();

  constructor({ known, log }: CarryOverOptions) {
    this.#known = new Map(known.map((shape) => [shape.name, shape]));
    this.#log = log;
  }

  /**
   * The metrics of `metrics` that agree with those of this version. The others begin at 0: one log line names them, each
   * once per start of the primary. A metric that has counted nothing is left out without a word.
   */
  accept(metrics: readonly unknown[], file: string): MetricJson[] {
    const accepted: MetricJson[] = [];
    const refused = new Set<string>();
    for (const metric of metrics) {
      const known = isSoundMetric(metric) ? this.#asKnown(metric) : null;
      if (known !== null) accepted.push(known);
      else if (!isMetricJson(metric) || metric.values.some(({ value }) => value !== 0)) refused.add(nameOf(metric));
    }
    this.#report(
      [...refused].filter((name) => !this.#named.has(name)),
      file,
    );
    return accepted;
  }

  /** The metric with the help text and the aggregator of this version; null where it does not agree. */
  #asKnown(metric: MetricJson): MetricJson | null {
    const shape = this.#known.get(metric.name);
    // Gauges are never added to totals: one that this version does not know is shown while its process lives.
    if (shape === undefined) return metric.type === 'gauge' ? metric : null;
    return agrees(metric, shape) ? { ...metric, help: shape.help, aggregator: shape.aggregator } : null;
  }

  #report(names: readonly string[], file: string): void {
    if (names.length === 0) return;
    for (const name of names) this.#named.add(name);
    this.#log.warn(
      { metrics: names, file },
      'metrics of another version begin at 0: this version has them with other labels or buckets, or not at all',
    );
  }
}

function nameOf(metric: unknown): string {
  const name = asRecord(metric)?.name;
  return typeof name === 'string' ? name : 'a metric without a name';
}
