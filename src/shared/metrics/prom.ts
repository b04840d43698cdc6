/**
 * The only file that imports prom-client, so that a change of library changes only this file.
 *
 * The library's types declare a metric's `type` as an enum, but the JSON holds a string. Therefore all such JSON is
 * checked by `isMetricJson` and has our own type from there on.
 */
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { asRecord } from '../json.ts';

export { collectDefaultMetrics } from 'prom-client';
export { AggregatorRegistry, Counter, Gauge, Histogram, Registry };

/** What a registry needs of a metric. */
interface Registrable {
  readonly name: string;
  get(): MetricJson;
}

/** Puts a metric of our own class into a registry. Throws when the name is taken. */
export function register(registry: Registry, metric: Registrable): void {
  // The library's types accept its own classes only; its registries call only `get`.
  registry.registerMetric(metric as unknown as Counter);
}

/** One sample of a metric in prom-client's JSON form; `metricName` differs from the metric's name in histograms. */
export interface SampleJson {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
}

/** One metric as `registry.getMetricsAsJSON()` gives it. */
export interface MetricJson {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly aggregator: 'sum' | 'max' | 'min' | 'first' | 'average' | 'omit';
  readonly values: readonly SampleJson[];
}

/** The library throws when it merges a metric with another aggregator. */
const aggregators: ReadonlySet<string> = new Set<MetricJson['aggregator']>([
  'sum',
  'max',
  'min',
  'first',
  'average',
  'omit',
]);

/** Whether `value` is a metric in the form that processes exchange and files hold. */
export function isMetricJson(value: unknown): value is MetricJson {
  const { name, help, type, aggregator, values } = asRecord(value) ?? {};
  return (
    typeof name === 'string' &&
    typeof help === 'string' &&
    (type === 'counter' || type === 'gauge' || type === 'histogram' || type === 'summary') &&
    typeof aggregator === 'string' &&
    aggregators.has(aggregator) &&
    Array.isArray(values) &&
    values.every(isSampleJson)
  );
}

/** All metrics of a registry now, as our own type. Throws when a metric does not have this form. */
export async function readRegistry(registry: Registry): Promise<MetricJson[]> {
  const metrics: unknown[] = await registry.getMetricsAsJSON();
  return metrics.map((metric) => {
    if (!isMetricJson(metric)) throw new TypeError(`a metric cannot be merged: ${asRecord(metric)?.name}`);
    return metric;
  });
}

function isSampleJson(value: unknown): value is SampleJson {
  const sample = asRecord(value);
  return typeof sample?.value === 'number' && asRecord(sample.labels) !== null;
}
