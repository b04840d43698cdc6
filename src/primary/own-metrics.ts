/**
 * The primary's own registry: the gateway's metrics at 0 for every series that the configuration makes known, gauges
 * about the numbers themselves, and Node's metrics of this process. The circuits' and workers' gauges are declared in
 * it by whoever sets them.
 *
 * Its counters are kept in the books, so they must change rarely, and survive the primary. What counts this process
 * alone (its CPU time) cannot, and is therefore shown as a gauge: a counter would go down when the primary dies.
 */
import type { Config } from '../config/types.ts';
import { createMetrics, initialiseZeros, type KnownLabels } from '../shared/metrics.ts';
import { collectDefaultMetrics, Gauge, isMetricJson, type MetricJson, Registry } from '../shared/prom.ts';

const PREFIX = 'primary_';

/** What a scrape tells about itself. */
export interface ScrapeFacts {
  readonly lateWorkers: number;
  readonly stateWritable: boolean;
  /** Slot and age, for every worker; of two in one slot the older age is shown. */
  readonly snapshotAges: readonly { readonly slot: number; readonly ageMs: number }[];
}

/** The registry and its two doors. */
export interface OwnMetrics {
  /** Where further metrics of the primary are declared; each needs its aggregator, if only for form. */
  readonly registry: Registry;
  /** Begins the series that `config` makes known at 0; again after each reload. */
  begin(config: Config): void;
  /** Sets the gauges about this scrape and reads everything. */
  read(facts: ScrapeFacts): Promise<MetricJson[]>;
}

/** Makes the primary's registry. */
export function createOwnMetrics(config: Config): OwnMetrics {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  const gauges = createGauges(registry);
  collectDefaultMetrics({ register: registry, prefix: PREFIX, eventLoopMonitoringPrecision: 1000 });
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith(`${PREFIX}nodejs_active_`) && name.endsWith('_total')) registry.removeSingleMetric(name);
  }
  const own: OwnMetrics = {
    registry,
    begin: (config) => initialiseZeros(metrics, knownLabels(config)),
    async read(facts) {
      gauges.set(facts);
      const json: unknown[] = await registry.getMetricsAsJSON();
      return json.filter(isMetricJson).flatMap(ofThisProcess);
    },
  };
  own.begin(config);
  return own;
}

function createGauges(registry: Registry) {
  const registers = [registry];
  const late = new Gauge({
    name: 'llm_scrape_late_workers',
    help: 'Workers that gave no fresh snapshot in time for this scrape',
    aggregator: 'sum',
    registers,
  });
  const writable = new Gauge({
    name: 'llm_state_writable',
    help: '0 when the state folder cannot be written',
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
  // The workers' own are added to this 0, so that the series is there with no worker at all.
  new Gauge({
    name: 'llm_requests_in_flight',
    help: 'Requests that are being served now',
    aggregator: 'sum',
    registers,
  });
  return {
    set(facts: ScrapeFacts): void {
      late.set(facts.lateWorkers);
      writable.set(facts.stateWritable ? 1 : 0);
      const bySlot = new Map<number, number>();
      for (const { slot, ageMs } of facts.snapshotAges) bySlot.set(slot, Math.max(ageMs, bySlot.get(slot) ?? 0));
      age.reset();
      for (const [slot, ageMs] of bySlot) age.set({ worker: String(slot) }, ageMs / 1000);
    },
  };
}

/** Node's metrics of the primary: merged with nobody's, so each is shown as it is, and none as a counter. */
function ofThisProcess(metric: MetricJson): MetricJson[] {
  if (!metric.name.startsWith(PREFIX)) return [metric];
  if (metric.type === 'histogram') return [];
  if (metric.type !== 'counter') return [{ ...metric, aggregator: 'first' }];
  return [{ ...metric, name: metric.name.replace(/_total$/, ''), type: 'gauge', aggregator: 'first' }];
}

function knownLabels(config: Config): KnownLabels {
  const models = Object.values(config.models).map(
    ({ name, targets }) => [name, targets.map(({ provider }) => provider)] as const,
  );
  return { providers: Object.keys(config.providers), models: new Map(models) };
}
