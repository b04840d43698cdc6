/**
 * What two metrics of one name must have in common before their numbers may be added: type, labels and buckets. Two
 * versions of the program may differ in any of these, and a sum over other buckets would be a malformed histogram.
 */
import { isMetricJson, type MetricJson, type Registry, type SampleJson } from './prom.ts';

export interface MetricShape {
  readonly name: string;
  readonly help: string;
  readonly type: MetricJson['type'];
  readonly aggregator: MetricJson['aggregator'];
  readonly labelNames: readonly string[];
  /** Upper bounds of a histogram's buckets, rising, without infinity; null for all other types. */
  readonly upperBounds: readonly number[] | null;
}

/** The shape of every metric that a registry has declared, with values or without. */
export function shapesOf(registry: Registry): MetricShape[] {
  return registry.getMetricsAsArray().map((metric) => {
    // The library's typings leave out what every metric object has.
    const { upperBounds, ...shape } = metric as unknown as MetricShape;
    const { name, help, type, aggregator, labelNames } = shape;
    return { name, help, type, aggregator, labelNames, upperBounds: upperBounds ?? null };
  });
}

/** Whether the numbers of `metric` may be added to those of a metric of this shape. */
export function agrees({ name, type, values }: MetricJson, shape: MetricShape): boolean {
  if (name !== shape.name || type !== shape.type) return false;
  const labelNames = new Set(shape.labelNames);
  const labelled = values.every(({ labels }) => {
    const given = Object.keys(labels).filter((label) => label !== 'le' || shape.upperBounds === null);
    return given.length === labelNames.size && given.every((label) => labelNames.has(label));
  });
  return labelled && (shape.upperBounds === null || hasBuckets(values, shape.upperBounds));
}

/** Whether every series of a histogram has these buckets and the one of infinity, and no others. */
function hasBuckets(values: MetricJson['values'], upperBounds: readonly number[]): boolean {
  const bounds = new Set(upperBounds.map(String).concat('+Inf'));
  const buckets = values.filter(({ labels }) => labels.le !== undefined);
  const series = values.filter(({ metricName }) => metricName?.endsWith('_count')).length;
  return buckets.length === series * bounds.size && buckets.every(({ labels }) => bounds.has(String(labels.le)));
}

/** What the exposition format allows as the name of a metric or a label; anything else would break the page. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The library keeps metrics and labels in plain objects, in which each of these names is taken. */
const taken: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

function isName(text: string): boolean {
  return NAME.test(text) && !taken.has(text);
}

const PARTS = ['', '_bucket', '_sum', '_count'];

/**
 * Whether `value`, which another process has sent or written, is a metric that can stand on the page: its names are
 * names, its samples are its own, and no count is negative or without a limit.
 */
export function isSoundMetric(value: unknown): value is MetricJson {
  if (!isMetricJson(value) || !isName(value.name)) return false;
  const neverFalls = value.type === 'counter' || value.type === 'histogram';
  return value.values.every((sample) => isSound(sample, value.name, neverFalls));
}

function isSound({ value, labels, metricName }: SampleJson, name: string, neverFalls: boolean): boolean {
  if (neverFalls && !(value >= 0 && value < Number.POSITIVE_INFINITY)) return false;
  if (metricName !== undefined && !PARTS.some((part) => metricName === name + part)) return false;
  for (const label in labels) {
    const text = labels[label];
    if (!isName(label) || (typeof text !== 'string' && typeof text !== 'number')) return false;
  }
  return true;
}
