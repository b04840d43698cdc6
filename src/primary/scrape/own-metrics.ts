/**
 * The primary's own registry: the gateway's metrics at 0 for every series that the configuration makes known, and
 * gauges about the scrape. Other files declare the gauges of circuits, workers and the process in it.
 *
 * Its counters are kept in the checkpoint: they survive the primary, and they must change rarely. Node's counters of
 * this process (CPU time) cannot survive it. They are shown as gauges, because a counter would go down when the primary
 * dies.
 */
import type { Config } from '../../shared/config.ts';
import { type MetricShape, shapesOf } from '../../shared/metrics/metric-shape.ts';
import { createMetrics, initialiseZeros, type KnownLabels } from '../../shared/metrics/metrics.ts';
import { Gauge, type MetricJson, Registry, readRegistry } from '../../shared/metrics/prom.ts';
import { findName } from '../../shared/model-names.ts';

/** The names of Node's metrics of the primary begin with this. */
const PROCESS_PREFIX = 'primary_';

/** The facts about a scrape that its gauges show. */
interface ScrapeFacts {
  readonly lateWorkers: number;
  /** Slot and age, for every worker. If a slot has two workers, the higher age is shown. */
  readonly snapshotAges: readonly { readonly slot: number; readonly ageMs: number }[];
}

/** The registry and how it is filled and read. */
export interface OwnMetrics {
  /** For the primary's other metrics. Each needs an aggregator, although the primary has only one registry. */
  readonly registry: Registry;
  /** Begins at 0 the series that `config` makes known; called again after each reload. */
  begin(config: Config): void;
  /**
   * Every metric that this version has, in the primary and in a worker: Node's of a worker have the names of the
   * primary's without their prefix.
   */
  shapes(): readonly MetricShape[];
  /** Reads the registry for its counters alone, between scrapes: gauges about a scrape are those of the last one. */
  readCounters(): Promise<MetricJson[]>;
  /** Sets the gauges about this scrape and reads the whole registry. */
  read(facts: ScrapeFacts): Promise<MetricJson[]>;
}

/**
 * Makes the primary's registry.
 *
 * @param takeDroppedLines how many lines its own log has dropped since the last call
 */
export function createOwnMetrics(config: Config, takeDroppedLines: () => number = () => 0): OwnMetrics {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  const setGauges = createScrapeGauges(registry);
  const own: OwnMetrics = {
    registry,
    begin: (config) => initialiseZeros(metrics, knownLabels(config)),
    shapes: () => shapesOf(registry).flatMap(withoutPrefix),
    async readCounters() {
      metrics.logLinesDropped.labels().inc(takeDroppedLines());
      return (await readRegistry(registry)).flatMap(ofThisProcess);
    },
    read(facts) {
      setGauges(facts);
      return own.readCounters();
    },
  };
  own.begin(config);
  return own;
}

function createScrapeGauges(registry: Registry): (facts: ScrapeFacts) => void {
  const registers = [registry];
  const late = new Gauge({
    name: 'llm_scrape_late_workers',
    help: 'Workers that sent no fresh snapshot in time for this scrape',
    aggregator: 'sum',
    registers,
  });
  const age = new Gauge({
    name: 'llm_worker_snapshot_age_seconds',
    help: 'Age of the last snapshot of the worker in each slot',
    labelNames: ['worker'],
    aggregator: 'max',
    registers,
  });
  return ({ lateWorkers, snapshotAges }) => {
    late.set(lateWorkers);
    const bySlot = new Map<number, number>();
    for (const { slot, ageMs } of snapshotAges) bySlot.set(slot, Math.max(ageMs, bySlot.get(slot) ?? 0));
    age.reset();
    for (const [slot, ageMs] of bySlot) age.set({ worker: String(slot) }, ageMs / 1000);
  };
}

/** Adapts Node's metrics of the primary: they are shown unmerged, counters as gauges, and histograms are left out. */
function ofThisProcess(metric: MetricJson): MetricJson[] {
  if (!metric.name.startsWith(PROCESS_PREFIX)) return [metric];
  if (metric.type === 'histogram') return [];
  if (metric.type !== 'counter') return [{ ...metric, aggregator: 'first' }];
  return [{ ...metric, name: metric.name.replace(/_total$/, ''), type: 'gauge', aggregator: 'first' }];
}

function withoutPrefix(shape: MetricShape): MetricShape[] {
  if (!shape.name.startsWith(PROCESS_PREFIX)) return [shape];
  return [{ ...shape, name: shape.name.slice(PROCESS_PREFIX.length) }];
}

function knownLabels(config: Config): KnownLabels {
  const models = Object.keys(config.models).map((name) => [name, levelsOf(config, name)] as const);
  const { providers } = config;
  return { providers: Object.keys(providers), models: new Map(models), keys: keysOf(config), stores: storesOf(config) };
}

/** An only key has no other that follows it. */
function keysOf({ providers }: Config): KnownLabels['keys'] {
  const several = Object.values(providers).filter(({ keys }) => keys.length > 1);
  return several.flatMap(({ name, keys }) => keys.map((key) => ({ provider: name, key: key.name })));
}

/** Those that are named for files or batches, and those that may keep responses. */
function storesOf({ providers, passthrough }: Config): string[] {
  const named = Object.values(passthrough);
  return Object.values(providers)
    .filter(({ name, dialects }) => named.includes(name) || dialects.includes('openai-responses'))
    .map(({ name }) => name);
}

/** The levels of a model, then those of the models that it falls back to: each once, with its own fallbacks first. */
function levelsOf(config: Config, name: string, visited = new Set<string>()): string[][][] {
  const model = config.models[name];
  if (model === undefined || visited.has(name)) return [];
  visited.add(name);
  const levels = Object.values(Object.groupBy(model.targets, ({ level }) => level));
  const own = levels.map((targets = []) => targets.map(({ provider }) => provider));
  const others = model.fallbacks.context.flatMap((fallback) => findName(config, fallback)?.name ?? []);
  return [own, ...others.flatMap((other) => levelsOf(config, other, visited))];
}
