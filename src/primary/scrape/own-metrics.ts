/**
 * The primary's own registry: the gateway's metrics at 0 for every series that the configuration makes known, and
 * gauges about the scrape. Gauges of circuits, workers and the process are declared in it by whoever sets them.
 *
 * Its counters are kept in the checkpoint, so they must change rarely, and survive the primary. What Node counts of this
 * process alone (its CPU time) cannot, and is therefore shown as a gauge: a counter would go down when the primary dies.
 */
import type { Config } from '../../shared/config.ts';
import { type MetricShape, shapesOf } from '../../shared/metrics/metric-shape.ts';
import { createMetrics, initialiseZeros, type KnownLabels } from '../../shared/metrics/metrics.ts';
import { Gauge, type MetricJson, Registry, readRegistry } from '../../shared/metrics/prom.ts';

/** Names of Node's metrics of the primary begin so. */
const PROCESS_PREFIX = 'primary_';

/** What a scrape tells about itself. */
interface ScrapeFacts {
  readonly lateWorkers: number;
  /** Slot and age, for every worker; of two in one slot the older age is shown. */
  readonly snapshotAges: readonly { readonly slot: number; readonly ageMs: number }[];
}

/** The registry and its two doors. */
export interface OwnMetrics {
  /** Where the primary's other metrics are declared; each needs its aggregator, if only for form. */
  readonly registry: Registry;
  /** Begins the series that `config` makes known at 0; again after each reload. */
  begin(config: Config): void;
  /**
   * Every metric that this version has, in the primary and in a worker: Node's of a worker have the names of the
   * primary's without their prefix.
   */
  shapes(): readonly MetricShape[];
  /** Sets the gauges about this scrape and reads everything. */
  read(facts: ScrapeFacts): Promise<MetricJson[]>;
}

/** Makes the primary's registry. */
export function createOwnMetrics(config: Config): OwnMetrics {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  const tell = createScrapeGauges(registry);
  const own: OwnMetrics = {
    registry,
    begin: (config) => initialiseZeros(metrics, knownLabels(config)),
    shapes: () => shapesOf(registry).flatMap(withoutPrefix),
    async read(facts) {
      tell(facts);
      return (await readRegistry(registry)).flatMap(ofThisProcess);
    },
  };
  own.begin(config);
  return own;
}

function createScrapeGauges(registry: Registry): (facts: ScrapeFacts) => void {
  const registers = [registry];
  const late = new Gauge({
    name: 'llm_scrape_late_workers',
    help: 'Workers that gave no fresh snapshot in time for this scrape',
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

/** Node's metrics of the primary: merged with nobody's, so each is shown as it is, and none as a counter. */
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
  const models = Object.values(config.models).map(
    ({ name, targets }) => [name, targets.map(({ provider }) => provider)] as const,
  );
  return { providers: Object.keys(config.providers), models: new Map(models) };
}
