/**
 * Folds registries in their JSON form into one, by each metric's own aggregator.
 *
 * It must stay synchronous: a caller that adds to a total reads the old total and stores the new one in the same turn.
 * If two folds awaited in between, one would overwrite the other's additions. Inputs are never changed.
 */
import { AggregatorRegistry, isMetricJson, type MetricJson } from './prom.ts';

/**
 * The sum of several registries. Series that only some of them have are kept; a metric with the aggregator `omit` is
 * left out. Throws if a metric has no aggregator.
 */
export function fold(inputs: readonly (readonly MetricJson[])[]): MetricJson[] {
  return AggregatorRegistry.aggregate(inputs as object[])
    .getMetricsAsArray()
    .map((metric) => {
      // A metric of an aggregate has a synchronous `get`, which the library's types do not declare.
      const json: unknown = 'get' in metric && typeof metric.get === 'function' ? metric.get() : undefined;
      if (!isMetricJson(json)) throw new TypeError(`metric ${metric.name} has no values after folding`);
      return json;
    });
}

/**
 * The part of a registry that is kept after its process has ended: counters and histograms that counted anything.
 * Gauges end with their process.
 */
export function lasting(metrics: readonly MetricJson[]): MetricJson[] {
  return metrics.filter(
    ({ type, values }) => (type === 'counter' || type === 'histogram') && values.some(({ value }) => value !== 0),
  );
}
