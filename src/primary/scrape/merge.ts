/**
 * Merges registries into one page in Prometheus' text format. It yields after each metric: a merge of 16 workers with
 * 5,000 series each would otherwise block the primary's event loop for over 50 ms.
 */
import { fold } from '../../shared/metrics/fold.ts';
import { AggregatorRegistry, type MetricJson, type SampleJson } from '../../shared/metrics/prom.ts';
import { shown } from '../../shared/metrics/shown.ts';
import type { Yield } from '../ledger/yield.ts';

/** At most this many samples are folded without a yield. */
const SAMPLES_AT_ONCE = 8000;

/** Makes one page of all inputs, in the order in which metrics first appear. The inputs are not changed. */
export async function mergeToText(inputs: readonly (readonly MetricJson[])[], yieldTurn: Yield): Promise<string> {
  const byName = new Map<string, MetricJson[]>();
  for (const metric of inputs.flat()) {
    const known = byName.get(metric.name);
    if (known === undefined) byName.set(metric.name, [metric]);
    else known.push(metric);
  }
  const texts: string[] = [];
  for (const metrics of byName.values()) {
    const merged = await foldOne(metrics, yieldTurn);
    // Nothing is left of a metric with the aggregator `omit`.
    if (merged.length > 0) texts.push(await AggregatorRegistry.aggregate([merged.map(shown)]).metrics());
    await yieldTurn();
  }
  return texts.join('');
}

/** Folds one metric of several registries. A large one is folded in parts that share no series. */
async function foldOne(metrics: readonly MetricJson[], yieldTurn: Yield): Promise<MetricJson[]> {
  const samples = metrics.reduce((sum, metric) => sum + metric.values.length, 0);
  const parts = Math.ceil(samples / SAMPLES_AT_ONCE);
  if (parts <= 1) return fold(metrics.map((metric) => [metric]));
  const split: MetricJson[][] = Array.from({ length: parts }, () => []);
  for (const metric of metrics) {
    for (const [index, values] of splitBySeries(metric.values, parts).entries()) {
      split[index]?.push({ ...metric, values });
    }
    await yieldTurn();
  }
  const merged: MetricJson[] = [];
  for (const part of split) {
    merged.push(...fold(part.map((metric) => [metric])));
    await yieldTurn();
  }
  const [first] = merged;
  return first === undefined ? [] : [{ ...first, values: merged.flatMap(({ values }) => values) }];
}

/** Splits samples so that a series is always in the same part, and the lines of a histogram stay together. */
function splitBySeries(samples: readonly SampleJson[], parts: number): SampleJson[][] {
  const split: SampleJson[][] = Array.from({ length: parts }, () => []);
  for (const sample of samples) split[partOf(sample, parts)]?.push(sample);
  return split;
}

/** The part of a sample. It does not depend on the order of labels, which differs between registries. */
function partOf({ labels }: SampleJson, parts: number): number {
  let sum = 0;
  for (const name in labels) {
    if (name === 'le') continue;
    const value = String(labels[name]);
    let hash = name.length;
    for (let index = 0; index < value.length; index += 1) hash = (hash * 31 + value.charCodeAt(index)) % 1_000_003;
    sum += hash;
  }
  return sum % parts;
}
