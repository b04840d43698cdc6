/**
 * Counters and histograms for the fold: their children are found by label values in the order of the metric's label
 * names, by three looks into maps, where the library hashes an object of labels for every increment. Those seven hashes
 * were a twentieth of a request.
 *
 * To a registry of prom-client's they are metrics like its own: what `get` gives is what its classes give, held by a
 * test that feeds both.
 */
import { type MetricJson, type Registry, register, type SampleJson } from './prom.ts';

/** What a metric is called and what its labels are: three at most. */
interface Description<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
}

type Labels = Readonly<Record<string, string>>;

/** Children by up to three label values; a label that the metric does not have counts as empty. */
class Children<C> {
  readonly #first = new Map<string, Map<string, Map<string, C>>>();
  readonly #labelNames: readonly string[];
  readonly #create: (labels: Labels) => C;
  readonly all: C[] = [];

  constructor(labelNames: readonly string[], create: (labels: Labels) => C) {
    this.#labelNames = labelNames;
    this.#create = create;
  }

  of(first: string, second: string, third: string): C {
    return this.#first.get(first)?.get(second)?.get(third) ?? this.#add(first, second, third);
  }

  #add(first: string, second: string, third: string): C {
    const values = [first, second, third];
    const child = this.#create(Object.fromEntries(this.#labelNames.map((name, index) => [name, values[index] ?? ''])));
    const seconds = this.#first.get(first) ?? new Map<string, Map<string, C>>();
    const thirds = seconds.get(second) ?? new Map<string, C>();
    this.#first.set(first, seconds.set(second, thirds.set(third, child)));
    this.all.push(child);
    return child;
  }
}

/** What counters and histograms have in common: a name, and children by label values. */
abstract class FoldedMetric<L extends string, C> {
  readonly name: string;
  readonly help: string;
  abstract readonly type: 'counter' | 'histogram';
  readonly aggregator = 'sum';
  readonly labelNames: readonly L[];
  readonly #children: Children<C>;

  constructor(registry: Registry, { name, help, labelNames }: Description<L>, create: (labels: Labels) => C) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.#children = new Children(labelNames, create);
    register(registry, this);
  }

  /** The child with these label values, at 0 if it is new. */
  labels(first = '', second = '', third = ''): C {
    return this.#children.of(first, second, third);
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

/** A counter with up to three labels; without any, it begins at 0. */
export class FoldedCounter<L extends string = string> extends FoldedMetric<L, CounterChild> {
  readonly type = 'counter';

  constructor(registry: Registry, description: Description<L>) {
    super(registry, description, (labels) => new CounterChild(labels));
    if (description.labelNames.length === 0) this.labels();
  }

  protected override samples({ labels, value }: CounterChild): SampleJson[] {
    return [{ labels, value }];
  }
}

class HistogramChild {
  readonly labels: Labels;
  readonly #bounds: readonly number[];
  /** By bucket, not added up; the last is that above all bounds. */
  readonly counts: number[];
  sum = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

/** A histogram with up to three labels. */
export class FoldedHistogram<L extends string = string> extends FoldedMetric<L, HistogramChild> {
  readonly type = 'histogram';
  /** Rising, without the one of infinity. */
  readonly upperBounds: readonly number[];

  constructor(registry: Registry, description: Description<L> & { readonly buckets: readonly number[] }) {
    const { buckets } = description;
    super(registry, description, (labels) => new HistogramChild(labels, buckets));
    this.upperBounds = buckets;
  }

  /** Buckets added up from below. */
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
