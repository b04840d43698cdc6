/**
 * The metrics of the primary itself: circuits, workers, configuration, build. They are in its own registry and become
 * part of the merged page. All known series begin at 0, so that alerts work from the first scrape.
 *
 * Gauges are read at each scrape from the parts that own the values. Counters are increased when the event happens.
 */
import type { CircuitState } from '../../shared/circuits/circuit-view.ts';
import { Counter, collectDefaultMetrics, Gauge, type Registry } from '../../shared/metrics/prom.ts';
import type { CertifiedPort } from '../certificates/certificate-watch.ts';
import { type ExitReason, exitReasons } from '../processes/supervisor.ts';

export const workerStates = ['starting', 'ready', 'draining', 'orphan'] as const;

/** The values that the gauges read at each scrape. */
export interface PrimaryFacts {
  /** Every configured provider, once. */
  circuits(): readonly { readonly provider: string; readonly state: CircuitState }[];
  /** Every configured target, once. */
  targets(): readonly { readonly provider: string; readonly model: string; readonly state: CircuitState }[];
  /** Providers with a target that cools down; some perhaps more than once. */
  coolingDown(): readonly string[];
  /** Every configured key, once. */
  keys(): readonly { readonly provider: string; readonly key: string; readonly cooldowns: readonly unknown[] }[];
  workers(): Readonly<Record<(typeof workerStates)[number], number>>;
  /** Providers with fetched credentials: how long these last yet, 0 for none, null if they do not end. */
  credentials(): readonly { readonly provider: string; readonly seconds: number | null }[];
  /** Ports with TLS: how long their certificates are valid yet, less than 0 for those that have expired. */
  certificates(): readonly { readonly port: CertifiedPort; readonly seconds: number }[];
  stateWritable(): boolean;
  /** How long ago the spend books said all that the ledger said. */
  spendBehindMs(): number;
  lastReload(): { readonly successful: boolean; readonly succeededAtMs: number };
}

/** What the gateway has to tell of itself. */
export interface PrimaryGauges {
  /** Tells the gauges where their values are. Until then they have none. */
  connect(facts: PrimaryFacts): void;
  circuitChanged(provider: string, to: CircuitState): void;
  workerExited(reason: ExitReason): void;
  /** Credentials of a provider could not be fetched. */
  refreshFailed(provider: string): void;
  /** Begins at 0 the series of providers in a new configuration. */
  providersKnown(providers: readonly string[]): void;
}

const stateLabels = { closed: 'closed', open: 'open', 'half-open': 'half_open' } as const;

/**
 * Declares all of these metrics in `registry`. That comes before anything is read that a predecessor left, which goes on
 * with the metrics that are declared.
 *
 * @param providers those of the configuration
 */
export function createPrimaryGauges(
  registry: Registry,
  { version, providers }: { readonly version: string; readonly providers: readonly string[] },
): PrimaryGauges {
  const registers = [registry];
  let known: PrimaryFacts | null = null;
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: L[],
    collect: (gauge: Gauge<L>, facts: PrimaryFacts) => void,
  ) =>
    new Gauge<L>({
      name,
      help,
      labelNames,
      registers,
      aggregator: 'max',
      collect() {
        this.reset();
        if (known !== null) collect(this, known);
      },
    });

  gauge(
    'llm_circuit_state',
    'Circuit of a provider: 0 closed, 1 open or half-open, also when most of its targets with traffic are',
    ['provider'],
    (metric, facts) => {
      for (const { provider, state } of facts.circuits()) metric.set({ provider }, state === 'closed' ? 0 : 1);
    },
  );
  gauge(
    'llm_target_circuit_state',
    "Circuit of a target, by the provider's own name of the model: 0 closed, 1 open or half-open",
    ['provider', 'model'],
    (metric, facts) => {
      for (const { provider, model, state } of facts.targets()) {
        metric.set({ provider, model }, state === 'closed' ? 0 : 1);
      }
    },
  );
  gauge(
    'llm_target_resting',
    '1 while a target of the provider cools down, after a 429 or a refused key, and no key is left',
    ['provider'],
    (metric, facts) => {
      for (const { provider } of facts.circuits()) metric.set({ provider }, 0);
      for (const provider of facts.coolingDown()) metric.set({ provider }, 1);
    },
  );
  gauge(
    'llm_credentials_expiry_seconds',
    'How long the fetched credentials of a provider last yet; 0 while there are none; absent where they do not end',
    ['provider'],
    (metric, facts) => {
      for (const { provider, seconds } of facts.credentials()) if (seconds !== null) metric.set({ provider }, seconds);
    },
  );
  gauge(
    'llm_key_resting',
    "1 while a provider's key, by its name, cools down, for one model or for all",
    ['provider', 'key'],
    (metric, facts) => {
      for (const { provider, key, cooldowns } of facts.keys()) {
        metric.set({ provider, key }, cooldowns.length === 0 ? 0 : 1);
      }
    },
  );
  gauge(
    'llm_tls_certificate_expiry_seconds',
    'How long the certificate in use at a port with TLS, `gateway` or `admin`, is valid yet; less than 0: it has expired',
    ['port'],
    (metric, facts) => {
      for (const { port, seconds } of facts.certificates()) metric.set({ port }, seconds);
    },
  );
  gauge('llm_workers', 'Worker processes by state', ['state'], (metric, facts) => {
    const counts = facts.workers();
    for (const state of workerStates) metric.set({ state }, counts[state]);
  });
  gauge(
    'llm_config_last_reload_successful',
    'Whether the last reload of the configuration succeeded',
    [],
    (metric, facts) => {
      metric.set(facts.lastReload().successful ? 1 : 0);
    },
  );
  gauge(
    'llm_config_last_reload_success_timestamp_seconds',
    'When the active configuration was loaded, in unix time',
    [],
    (metric, facts) => metric.set(facts.lastReload().succeededAtMs / 1000),
  );
  gauge('llm_build_info', 'The running version; always 1', ['version', 'node'], (metric) => {
    metric.set({ version, node: process.versions.node }, 1);
  });

  gauge('llm_state_writable', '0 when the state folder cannot be written', [], (metric, facts) => {
    metric.set(facts.stateWritable() ? 1 : 0);
  });
  gauge(
    'llm_spend_books_behind_seconds',
    'How long ago the spend books said all that was counted; it grows while they cannot be written',
    [],
    (metric, facts) => metric.set(facts.spendBehindMs() / 1000),
  );
  // The workers' values are added to this 0, so that the series exists even without a worker.
  new Gauge({
    name: 'llm_requests_in_flight',
    help: 'Requests that are being served now',
    aggregator: 'sum',
    registers,
  });
  nodeMetrics(registry);

  const transitions = new Counter({
    name: 'llm_circuit_transitions_total',
    help: 'State changes of the circuits of a provider and its targets, by the new state',
    labelNames: ['provider', 'to'],
    registers,
    aggregator: 'sum',
  });
  const exits = new Counter({
    name: 'llm_worker_exits_total',
    help: 'Worker processes that ended, by reason',
    labelNames: ['reason'],
    registers,
    aggregator: 'sum',
  });
  const refreshFailures = new Counter({
    name: 'llm_credentials_refresh_failures_total',
    help: 'Credentials of a provider that could not be fetched when they were wanted or due',
    labelNames: ['provider'],
    registers,
    aggregator: 'sum',
  });
  for (const reason of exitReasons) exits.inc({ reason }, 0);

  const providersKnown = (names: readonly string[]) => {
    for (const provider of names) {
      for (const to of Object.values(stateLabels)) transitions.inc({ provider, to }, 0);
      refreshFailures.inc({ provider }, 0);
    }
  };
  providersKnown(providers);
  return {
    connect: (facts) => {
      known = facts;
    },
    circuitChanged: (provider, to) => transitions.inc({ provider, to: stateLabels[to] }),
    workerExited: (reason) => exits.inc({ reason }),
    refreshFailed: (provider) => refreshFailures.inc({ provider }),
    providersKnown,
  };
}

/** Adds Node's metrics of this process, except the gauges whose names end in `_total`. */
function nodeMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, prefix: 'primary_', eventLoopMonitoringPrecision: 1000 });
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith('primary_nodejs_active_') && name.endsWith('_total')) registry.removeSingleMetric(name);
  }
}
