/**
 * Counters and histograms for the fold. Their children are found by label values, in the order of the metric's label
 * names (`label-tree.ts`); prom-client builds a string of all labels for every increment.
 *
 * To a registry of prom-client these are metrics like its own: `get` returns what the library's classes return, which a
 * property test checks for 0 to 6 labels.
 */
import { type Labels, LabelTree } from './label-tree.ts';
import { type MetricJson, type Registry, register, type SampleJson } from './prom.ts';

/** A metric's name and help text, and the names of its labels, of which there may be any number. */
interface Description<N extends readonly string[]> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: N;
}

/** One value for each label name: any other number of values does not compile where the names are a tuple. */
type LabelValues<N extends readonly string[]> = { readonly [I in keyof N]: string };

/** What counters and histograms have in common: a name, and children by label values. Without labels it begins at 0. */
abstract class FoldedMetric<N extends readonly string[], C> {
  readonly name: string;
  readonly help: string;
  abstract readonly type: 'counter' | 'histogram';
  readonly aggregator = 'sum';
  readonly labelNames: N;
  readonly #children: LabelTree<C>;

  constructor(registry: Registry, { name, help, labelNames }: Description<N>, create: (labels: Labels) => C) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.#children = new LabelTree(labelNames, create);
    if (labelNames.length === 0) this.#children.of([]);
    register(registry, this);
  }

  /** The child with these label values, at 0 if it is new. Throws for a wrong number of values. */
  labels(...values: LabelValues<N>): C {
    return this.#children.of(values);
  }

  /** Every child as it is now. */
  get(): MetricJson {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: this.#children.all.flatMap((child) => this.samples(child)) };
  }

  protected abstract samples(child: C): SampleJson[];
}

class CounterChild {
  readonly labels: Labels;
  value = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  /** Adds `by`, which is never negative. */
  inc(by = 1): void {
    this.value += by;
  }
}

/** A counter with any number of labels. */
export class FoldedCounter<const N extends readonly string[]> extends FoldedMetric<N, CounterChild> {
  readonly type = 'counter';

  constructor(registry: Registry, description: Description<N>) {
    super(registry, description, (labels) => new CounterChild(labels));
  }

  protected override samples({ labels, value }: CounterChild): SampleJson[] {
    return [{ labels, value }];
  }
}

class HistogramChild {
  readonly labels: Labels;
  readonly #bounds: readonly number[];
  readonly #stepsPerUnit: number;
  /** By bucket, not cumulative; the last is for values above all bounds. */
  readonly counts: number[];
  sum = 0;

  constructor(labels: Labels, bounds: readonly number[], stepsPerUnit: number) {
    this.labels = labels;
    this.#bounds = bounds;
    this.#stepsPerUnit = stepsPerUnit;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += Math.round(value * this.#stepsPerUnit) / this.#stepsPerUnit;
  }
}

/** What a histogram has besides. */
interface HistogramDescription<N extends readonly string[]> extends Description<N> {
  readonly buckets: readonly number[];
  /** A power of two: sums lie on the grid of this many steps to one, on which they are exact below 2^53 steps. */
  readonly stepsPerUnit: number;
}

/** A histogram with any number of labels. Each value is in its exact bucket, and on a grid in the sum. */
export class FoldedHistogram<const N extends readonly string[]> extends FoldedMetric<N, HistogramChild> {
  readonly type = 'histogram';
  /** Rising, without infinity. */
  readonly upperBounds: readonly number[];

  constructor(registry: Registry, description: HistogramDescription<N>) {
    const { buckets, stepsPerUnit } = description;
    super(registry, description, (labels) => new HistogramChild(labels, buckets, stepsPerUnit));
    this.upperBounds = buckets;
  }

  /** Buckets cumulated from the lowest. */
  protected override samples({ labels, counts, sum }: HistogramChild): SampleJson[] {
    let below = 0;
    const buckets = counts.map((count, index) => {
      below += count;
      const le = this.upperBounds[index] ?? '+Inf';
      return { labels: { le, ...labels }, value: below, metricName: `${this.name}_bucket` };
    });
    return [
      ...buckets,
      { labels, value: sum, metricName: `${this.name}_sum` },
      { labels, value: below, metricName: `${this.name}_count` },
    ];
  }
}
