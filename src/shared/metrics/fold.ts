/**
 * Folds registries in their JSON form into one, by each metric's own aggregator.
 *
 * It is synchronous, and must stay so: whoever folds into a total reads the total and puts the new one back in one
 * turn. Two folds that await in between lose what the other one added. Inputs are never changed.
 */
import { AggregatorRegistry, isMetricJson, type MetricJson } from './prom.ts';

/**
 * The sum of several registries. Series that only some of them have are kept; `omit` leaves a metric out. Throws on a
 * metric without aggregator.
 */
export function fold(inputs: readonly (readonly MetricJson[])[]): MetricJson[] {
  return AggregatorRegistry.aggregate(inputs as object[])
    .getMetricsAsArray()
    .map((metric) => {
      // The library's typings do not know it, but a metric of an aggregate has `get`, and it is synchronous.
      const json: unknown = 'get' in metric && typeof metric.get === 'function' ? metric.get() : undefined;
      if (!isMetricJson(json)) throw new TypeError(`metric ${metric.name} has no values after folding`);
      return json;
    });
}

/**
 * The part of a registry that may be carried on after its process is gone: counters and histograms, less those that
 * never counted anything. Gauges vanish with their process.
 */
export function lasting(metrics: readonly MetricJson[]): MetricJson[] {
  return metrics.filter(
    ({ type, values }) => (type === 'counter' || type === 'histogram') && values.some(({ value }) => value !== 0),
  );
}
