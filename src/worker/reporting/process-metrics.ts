/**
 * The metrics in a worker's registry that do not come from events: Node's own metrics and a few gauges of this process.
 * All are read when the registry is read (`collect`). Each declares how it merges with those of other workers.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createMetrics, type GatewayMetrics } from '../../shared/metrics/metrics.ts';
import { collectDefaultMetrics, Gauge, type MetricJson, Registry } from '../../shared/metrics/prom.ts';

/** How often the event loop's delay is sampled; a shorter period would wake an idle process more often. */
const LAG_RESOLUTION_MS = 20;

/** The same grid as for the seconds of events. On it, sums of doubles are exact in any order. */
const SECONDS_GRAIN = 2 ** 20;

/** A worker's whole registry, and the metrics in it into which events are folded. */
interface WorkerRegistry {
  readonly registry: Registry;
  readonly metrics: GatewayMetrics;
  /** Tells the gauge of requests that are being served where their number is. Until then it is 0. */
  showInFlight(inFlight: () => number): void;
}

/** Creates it for the worker of a slot. */
export function createWorkerRegistry(slot: number): WorkerRegistry {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  addNodeMetrics(registry);
  return { registry, metrics, ...addGauges(registry, String(slot)) };
}

/** Adds Node's metrics, except those that would be averaged over processes or whose names break the conventions. */
function addNodeMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1000 });
  for (const { name } of registry.getMetricsAsArray()) {
    const averaged = name.startsWith('nodejs_eventloop_lag_');
    const misnamed = name.startsWith('nodejs_active_') && name.endsWith('_total');
    if (averaged || misnamed) registry.removeSingleMetric(name);
  }
}

function addGauges(registry: Registry, worker: string): Pick<WorkerRegistry, 'showInFlight'> {
  const registers = [registry];
  let inFlight = () => 0;
  new Gauge({
    name: 'llm_requests_in_flight',
    help: 'Requests that are being served now',
    aggregator: 'sum',
    registers,
    collect() {
      this.set(inFlight());
    },
  });
  const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  delay.enable();
  new Gauge({
    name: 'llm_worker_event_loop_lag_seconds',
    help: 'Longest delay of the event loop since the last snapshot',
    labelNames: ['worker'],
    aggregator: 'max',
    registers,
    collect() {
      // The monitor's value includes its own period.
      this.set({ worker }, Math.max(0, delay.max / 1e6 - LAG_RESOLUTION_MS) / 1000);
      delay.reset();
    },
  });
  new Gauge({
    name: 'llm_worker_resident_memory_bytes',
    help: 'Resident memory of the worker',
    labelNames: ['worker'],
    aggregator: 'max',
    registers,
    collect() {
      this.set({ worker }, process.memoryUsage.rss());
    },
  });
  return {
    showInFlight: (count) => {
      inFlight = count;
    },
  };
}

/**
 * Rounds the values of Node's own counters and histograms to the grid that event values already use. Node measures in
 * arbitrary fractions. Adding such numbers in another order can change the last bit of a total, also downward, and
 * Prometheus reads a lower total as a counter reset.
 */
export function exactProcessSums(metrics: readonly MetricJson[]): readonly MetricJson[] {
  return metrics.map((metric) => {
    if (metric.name.startsWith('llm_') || (metric.type !== 'counter' && metric.type !== 'histogram')) return metric;
    const values = metric.values.map((sample) => ({
      ...sample,
      value: Math.round(sample.value * SECONDS_GRAIN) / SECONDS_GRAIN,
    }));
    return { ...metric, values };
  });
}
