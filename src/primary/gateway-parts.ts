/**
 * The primary's parts. `buildParts` builds each from those above it. The supervisor and the gauges also ask and tell
 * parts that are built after them; `connect` makes these ways back, and nothing happens before it has run.
 *
 * Messages of workers go to the ledger, the circuits and the live view; views and configurations go to the workers. This
 * file only connects; the parts decide.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { ActiveConfig } from '../config/in-force.ts';
import { secretSources } from '../config/variables-in-force.ts';
import { credentialsFetcher } from '../providers/fetch-credentials.ts';
import type { Clock } from '../shared/clock.ts';
import type { Config } from '../shared/config.ts';
import type { Log } from '../shared/log.ts';
import type { LogOutput } from '../shared/output/log-output.ts';
import { DEFAULT_KEY } from '../shared/provider-keys.ts';
import type { Redactor } from '../shared/secrets/redactor.ts';
import { LiveEvents } from './admin/live-events.ts';
import type { Certificates } from './certificates/certificates.ts';
import { CircuitAuthority } from './circuits/circuit-authority.ts';
import { CredentialAuthority } from './credentials/credential-authority.ts';
import { FailureBook } from './failures/failure-book.ts';
import { FailureKeeper } from './failures/failure-keeper.ts';
import { CatchUp } from './history/catch-up.ts';
import { History } from './history/history.ts';
import { Steps } from './history/steps.ts';
import { UnfinishedSteps } from './history/unfinished-steps.ts';
import { CarryOver } from './ledger/carry-over.ts';
import { Checkpoint } from './ledger/checkpoint.ts';
import { LastCounts } from './ledger/last-counts.ts';
import { MetricsLedger } from './ledger/metrics-ledger.ts';
import { numbersIn, OrphanFiles } from './ledger/orphan-files.ts';
import { SnapshotPipes } from './ledger/snapshot-pipes.ts';
import { PriceAuthority } from './prices/price-authority.ts';
import { loadPriceList } from './prices/price-list.ts';
import { OrphanLogs } from './processes/orphan-logs.ts';
import type { SlotSockets } from './processes/slot-sockets.ts';
import { Supervisor } from './processes/supervisor.ts';
import { ConfigAcks } from './reload/config-acks.ts';
import { Reloader } from './reload/reload.ts';
import { RollProgress } from './reload/roll-progress.ts';
import { createOwnMetrics } from './scrape/own-metrics.ts';
import { createPrimaryGauges } from './scrape/primary-gauges.ts';
import { createScrape } from './scrape/scrape.ts';
import { SpendBooks } from './spend/spend-books.ts';
import { SPEND_FILE } from './spend/spend-file.ts';
import { HourKeeper } from './verdict/hour-keeper.ts';
import { VerdictWatch } from './verdict/verdict-watch.ts';
import { workerMessages } from './worker-messages.ts';

/** How often the primary looks whether its checkpoint is still there. One look costs microseconds. */
const CHECKPOINT_CHECK_MS = 1000;

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly active: ActiveConfig;
  readonly reload: () => Promise<ActiveConfig>;
  readonly version: string;
  readonly sockets: SlotSockets;
  readonly certificates: Certificates;
  /** `stateFolder` of this gateway. */
  readonly folder: string;
  readonly generation: number;
  /** The port of the admin server. It is known once the server listens, and read at each fork. */
  readonly adminPort: () => number;
  readonly handOver: () => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Where the log's lines go. */
  readonly output: LogOutput;
  /** The log's own: it gets to know what is fetched. */
  readonly redactor: Redactor;
}

/** All parts of a gateway. */
type Parts = ReturnType<typeof buildParts>;

/** Builds them; no worker is forked. Reads what a former primary left. */
export function buildParts(options: GatewayOptions) {
  const { active, reload, version, sockets, certificates, folder, clock, log, output, redactor } = options;
  const { config } = active;
  const own = createOwnMetrics(config, () => output.takeDropped());
  const gauges = createPrimaryGauges(own.registry, { version, providers: Object.keys(config.providers) });
  const live = new LiveEvents(clock);
  const history = new History(new Steps(clock));
  const failures = new FailureBook({ publish: (shown) => live.publish(shown), clock });
  const acks = new ConfigAcks(clock);

  const carryOver = new CarryOver({ known: own.shapes(), log });
  const checkpoint = new Checkpoint({ folder, carryOver, log });
  const ledger = new MetricsLedger({ checkpoint, hasNumbers: numbersIn(folder), clock, log });
  const pipes = new SnapshotPipes({ received: (snapshot) => ledger.snapshot(snapshot), log });
  const orphans = new OrphanFiles({
    ...{ folder, ledger, carryOver, clock, log },
    failed: (workerId, left) => failures.takeLeft(workerId, left),
  });
  const orphanLogs = new OrphanLogs({ folder, output, clock, log });
  const spendFile = path.join(folder, SPEND_FILE);
  const spend = new SpendBooks({ file: spendFile, ledger, orphans, clock, log });
  const lastCounts = new LastCounts({ ledger, orphans, readCounters: () => own.readCounters(), log });

  const readPipe: SnapshotPipes['read'] = (workerId, pipe) => pipes.read(workerId, pipe);
  const supervisor = new Supervisor({ sockets, readPipe, clock, log }, config.workers);
  const circuits = new CircuitAuthority({
    config,
    clock,
    random: Math.random,
    broadcast: (view) => supervisor.broadcastView(view),
    keep: (saved) => ledger.keepCircuits(saved),
    changed: (provider, model, state) => {
      gauges.circuitChanged(provider, state);
      live.publish({ type: 'circuit', provider, model, state });
      log.warn({ provider, upstreamModel: model, state }, 'a circuit changed');
      if (state === 'open') keeper.judgeSoon();
    },
    keyRefused: (provider, key) => {
      const which = key === DEFAULT_KEY ? 'our API key' : `our API key ${key}`;
      log.error(
        { provider, providerKey: key },
        `provider ${provider} refuses ${which}, by 403s to different requests in a row: check it in the configuration`,
      );
    },
  });
  const prices = new PriceAuthority({
    config,
    load: loadPriceList,
    broadcast: (message) => supervisor.broadcast(message),
    log,
  });
  const left = ledger.circuits === null ? 0 : circuits.restore(ledger.circuits);
  if (left > 0) log.warn({ circuitsAndCooldowns: left }, 'circuits and cooldowns of the last primary continue');

  const credentials = new CredentialAuthority({
    fetch: credentialsFetcher(clock),
    ...{ clock, random: Math.random, log, redactor },
    broadcast: (held) => supervisor.broadcast({ type: 'credentials', held }),
    failed: (provider) => {
      gauges.refreshFailed(provider);
      watch.happened('unfetched', provider);
    },
  });

  const apply = async (next: Config, configVersion: number): Promise<void> => {
    log.level = next.log.level;
    certificates.look();
    own.begin(next);
    circuits.reconfigure(next);
    await credentials.reconfigure(next);
    void prices.reconfigure(next);
    gauges.providersKnown(Object.keys(next.providers));
    const asked = [...supervisor.workers].filter((worker) => worker.state === 'ready').map((worker) => worker.id);
    supervisor.broadcast({ type: 'config', config: next, configVersion });
    for (const workerId of await acks.collect(configVersion, asked)) {
      log.error({ workerId }, 'a worker did not apply the new configuration and is replaced');
      supervisor.replace(workerId);
    }
  };
  const reloader = new Reloader({
    ...{ initial: active, load: reload, apply, clock, log },
    // Whoever asks next is told what is so now.
    settled: () => watch.tick(),
  });
  const requestSnapshots = () => {
    const serving = [...supervisor.workers].filter((worker) => worker.state !== 'starting');
    for (const worker of serving) worker.send({ type: 'snapshot-request' });
    return serving.map((worker) => worker.id);
  };
  const agesShown = (ages: readonly { readonly slot: number; readonly ageMs: number }[]) => {
    for (const { slot, ageMs } of ages) watch.silent(slot, ageMs / 1000);
  };
  const rolling = new RollProgress(clock);
  const scrape = createScrape({ ledger, own, orphans, clock, requestSnapshots, agesShown });
  const watch: VerdictWatch = new VerdictWatch({
    ...{ history, ledger, orphans, clock },
    present: () => {
      for (const worker of supervisor.workers) {
        if (worker.state !== 'starting') watch.silent(worker.slot, worker.silentSeconds);
      }
      return {
        failures: failures.kinds(),
        models: reloader.config.models,
        secretsOf: (provider) => secretSources(reloader.values, provider),
        circuits: circuits.providers(),
        targets: circuits.targets(),
        rests: circuits.resting(),
        credentials: lastingOf(credentials, clock),
        silent: [...supervisor.workers].flatMap(({ silentProviders }) => silentProviders),
        certificates: leftOf(certificates, clock),
        servingWorkers: servingCount(supervisor) + orphans.living().length,
        reloadRefusedAtMs: reloader.successful ? null : (reloader.last?.atMs ?? null),
        stateWritable: ledger.writable,
      };
    },
  });
  const failureKeeper = new FailureKeeper({ book: failures, disk: spend, ledger, clock, log });
  const catchUp = new CatchUp({ history, ledger, orphans });
  const keeper: HourKeeper = new HourKeeper({ history, catchUp, watch, disk: spend, ledger, clock, log });
  const unfinished = new UnfinishedSteps({ history, disk: spend, ledger, clock, log });
  const relaySecret = randomBytes(32).toString('base64url');
  return {
    ...{ gauges, live, history, failures, watch, keeper, failureKeeper, acks, ledger, orphans, orphanLogs, lastCounts },
    ...{ unfinished, spend, supervisor, circuits, credentials, prices, reloader, rolling, scrape, relaySecret },
  };
}

/** Connects those that are built before others with these, and begins to look after the checkpoint. */
export function connect(parts: Parts, options: GatewayOptions): void {
  const { sockets, certificates, adminPort, generation, clock } = options;
  const { gauges, live, history, failures, watch, acks, ledger, orphans, lastCounts, spend } = parts;
  const { supervisor, circuits, credentials, prices, reloader, relaySecret } = parts;
  supervisor.connect({
    config: () => reloader.config,
    init: () => ({
      config: reloader.config,
      configVersion: reloader.version,
      circuits: circuits.view(),
      credentials: credentials.held(),
      prices: prices.entries,
      certificate: certificates.current('gateway'),
      slotSocket: sockets.perSlot,
      port: sockets.port,
      adminPort: adminPort(),
      relaySecret,
      generation,
    }),
    listener: {
      opened: (worker) => ledger.open(worker.id, worker.slot, worker.pid),
      message: workerMessages({ ledger, circuits, credentials, prices, history, failures, live, acks }),
      quiet: (worker) => circuits.workerSilent(worker.id),
      stateChanged: ({ slot, pid }, state) => live.publish({ type: 'worker', slot, pid, state }),
      exited: (worker, reason) => {
        gauges.workerExited(reason);
        watch.happened('exits', reason);
        lastCounts.workerExited();
        acks.gone(worker.id);
      },
      gone: (worker) => {
        circuits.workerGone(worker.id);
        lastCounts.workerGone(worker.id);
      },
    },
  });
  certificates.onRenewal('gateway', (certificate) => supervisor.broadcast({ type: 'certificate', certificate }));
  gauges.connect({
    circuits: () => circuits.providers(),
    targets: () => circuits.targets(),
    coolingDown: () => circuits.resting().map(({ provider }) => provider),
    keys: () => circuits.keys(),
    workers: () => {
      const counts = { starting: 0, ready: 0, draining: 0, orphan: orphans.living().length };
      for (const worker of supervisor.workers) counts[worker.state] += 1;
      return counts;
    },
    credentials: () =>
      lastingOf(credentials, clock).map(({ provider, secondsLeft: seconds }) => ({ provider, seconds })),
    certificates: () => leftOf(certificates, clock).map(({ port, secondsLeft: seconds }) => ({ port, seconds })),
    stateWritable: () => ledger.writable,
    spendBehindMs: () => spend.behindMs,
    lastReload: () => ({ successful: reloader.successful, succeededAtMs: reloader.loadedAtMs }),
  });
  // Not waited for: workers may start without, and get them when they have come.
  void credentials.reconfigure(reloader.config);
  // Scrapes may be minutes apart or not come at all. One that cannot be written is tried again at those alone.
  clock.every(CHECKPOINT_CHECK_MS, () => {
    if (ledger.writable) ledger.keepCheckpoint();
  });
}

/** How long fetched credentials last yet: 0 for none, null where they do not end. */
function lastingOf(credentials: CredentialAuthority, clock: Clock) {
  return credentials.report().map(({ provider, usable, expiresAtMs }) => {
    if (!usable) return { provider, secondsLeft: 0 };
    return { provider, secondsLeft: expiresAtMs === null ? null : (expiresAtMs - clock.wallMs()) / 1000 };
  });
}

function servingCount(supervisor: Supervisor): number {
  return [...supervisor.workers].filter(({ state }) => state === 'ready').length;
}

/** How long the certificates of the ports with TLS are valid yet. */
function leftOf(certificates: Certificates, clock: Clock) {
  return certificates.reports().map(({ port, expiresAtMs }) => {
    return { port, secondsLeft: (expiresAtMs - clock.wallMs()) / 1000 };
  });
}
