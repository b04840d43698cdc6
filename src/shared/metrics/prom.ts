/**
 * The one door to prom-client: nobody else imports it, so that a change of library is a change of this file.
 *
 * Its typings call a metric's `type` an enum while the JSON carries a string, so foreign JSON enters through
 * `isMetricJson` and is our own type from there on.
 */
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { asRecord } from '../json.ts';

export { collectDefaultMetrics } from 'prom-client';
export { AggregatorRegistry, Counter, Gauge, Histogram, Registry };

/** What a registry asks of a metric, whoever has made it. */
interface Registrable {
  readonly name: string;
  get(): MetricJson;
}

/** Puts a metric of our own making into a registry. Throws where its name is taken. */
export function register(registry: Registry, metric: Registrable): void {
  // The library's typings list its own classes; its registries call nothing but `get`.
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

/** A metric that names another one makes the library throw when it merges. */
const aggregators: ReadonlySet<string> = new Set<MetricJson['aggregator']>([
  'sum',
  'max',
  'min',
  'first',
  'average',
  'omit',
]);

/** Whether `value` is a metric as we exchange it between processes and keep it in files. */
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

/** Everything in a registry at this moment, as our own type. Throws where a metric has no such form. */
export async function readRegistry(registry: Registry): Promise<MetricJson[]> {
  const metrics: unknown[] = await registry.getMetricsAsJSON();
  return metrics.map((metric) => {
    if (!isMetricJson(metric)) throw new TypeError(`no metric that can be merged: ${asRecord(metric)?.name}`);
    return metric;
  });
}

function isSampleJson(value: unknown): value is SampleJson {
  const sample = asRecord(value);
  return typeof sample?.value === 'number' && asRecord(sample.labels) !== null;
}
