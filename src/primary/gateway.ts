/**
 * Connects the primary's parts. Messages of workers go to the ledger, the circuits and the live view. Commands from
 * outside go to the supervisor, the circuits and the configuration. This file only connects; the parts decide.
 */
import { randomBytes } from 'node:crypto';
import { type Clock, sleep } from '../shared/clock.ts';
import type { Config } from '../shared/config.ts';
import type { Log } from '../shared/log.ts';
import type { LogOutput } from '../shared/output/log-output.ts';
import type { AdminActions } from './admin/admin-app.ts';
import { LiveEvents } from './admin/live-events.ts';
import { describeStatus, judgeReadiness, type Status } from './admin/status.ts';
import { CircuitAuthority } from './circuits/circuit-authority.ts';
import { CarryOver } from './ledger/carry-over.ts';
import { Checkpoint } from './ledger/checkpoint.ts';
import { MetricsLedger } from './ledger/metrics-ledger.ts';
import { numbersIn, OrphanFiles } from './ledger/orphan-files.ts';
import { SnapshotPipes } from './ledger/snapshot-pipes.ts';
import { OrphanLogs } from './processes/orphan-logs.ts';
import { isRunning } from './processes/process-identity.ts';
import { roll } from './processes/roll.ts';
import type { Replaced } from './processes/slot.ts';
import type { SlotSockets } from './processes/slot-sockets.ts';
import { Supervisor } from './processes/supervisor.ts';
import { ConfigAcks } from './reload/config-acks.ts';
import { Reloader } from './reload/reload.ts';
import { createOwnMetrics } from './scrape/own-metrics.ts';
import { createPrimaryGauges } from './scrape/primary-gauges.ts';
import { createScrape } from './scrape/scrape.ts';
import { workerMessages } from './worker-messages.ts';

interface GatewayOptions {
  readonly config: Config;
  readonly reload: () => Promise<Config>;
  readonly version: string;
  readonly sockets: SlotSockets;
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
}

/** The operations of a gateway. */
interface Gateway {
  readonly actions: AdminActions;
  readonly relaySecret: string;
  /** Forks the workers; resolves when all slots are ready. */
  start(): Promise<void>;
  /** Drains all workers and waits for orphans too; resolves when none is left and the checkpoint is closed. */
  stop(): Promise<void>;
  /** Ends all workers now. */
  kill(): void;
  /** Disconnects from the workers without ending them. */
  abandon(): void;
}

/** How often a stop checks whether the orphans have ended. */
const ORPHAN_CHECK_MS = 100;

/** The log line of a roll for each outcome of a slot. */
const rollLines: Readonly<Record<Replaced, string>> = {
  replaced: 'worker replaced',
  refilling: 'no worker to replace: the slot waits for a new worker',
  stopped: 'no worker to replace: the gateway is stopping',
};

/** Builds the gateway without forking workers. */
export function createGateway(options: GatewayOptions): Gateway {
  const { version, sockets, folder, clock, log, output } = options;
  const startedAtMs = clock.nowMs();
  const relaySecret = randomBytes(32).toString('base64url');
  let started = false;
  let killed = false;

  const pipes = new SnapshotPipes({ received: (snapshot) => ledger.snapshot(snapshot), log });
  const own = createOwnMetrics(options.config, () => output.takeDropped());
  const live = new LiveEvents(clock);
  const acks = new ConfigAcks(clock);
  const circuits = new CircuitAuthority({
    config: options.config,
    clock,
    random: Math.random,
    broadcast: (view) => supervisor.broadcastView(view),
    keep: (saved) => ledger.keepCircuits(saved),
    changed: (provider, model, state) => {
      counters.circuitChanged(provider, state);
      live.publish({ type: 'circuit', provider, model, state });
      log.warn({ provider, upstreamModel: model, state }, 'a circuit changed');
    },
  });
  const reloader = new Reloader({ initial: options.config, load: options.reload, apply, clock, log });
  const counters = createPrimaryGauges(own.registry, {
    version,
    circuits: () => circuits.providers(),
    targets: () => circuits.targets(),
    coolingDown: () => circuits.coolingDown(),
    workers: () => {
      const counts = { starting: 0, ready: 0, draining: 0, orphan: ledger.orphans().length };
      for (const worker of supervisor.workers) counts[worker.state] += 1;
      return counts;
    },
    stateWritable: () => ledger.writable,
    lastReload: () => ({ successful: reloader.successful, succeededAtMs: reloader.loadedAtMs }),
  });
  const carryOver = new CarryOver({ known: own.shapes(), log });
  const checkpoint = new Checkpoint({ folder, carryOver, log });
  const ledger = new MetricsLedger({ checkpoint, hasNumbers: numbersIn(folder), clock, log });
  const left = ledger.circuits === null ? 0 : circuits.restore(ledger.circuits);
  if (left > 0) log.warn({ circuitsAndCooldowns: left }, 'circuits and cooldowns of the last primary continue');
  const orphanLogs = new OrphanLogs({ folder, output, clock, log });
  const orphans = new OrphanFiles({ folder, ledger, carryOver, clock, log });
  /** Accounts that are being closed. The ledger may end only after them. */
  const closing = new Set<Promise<unknown>>();
  const supervisor: Supervisor = new Supervisor(
    {
      sockets,
      config: () => reloader.config,
      init: () => ({
        config: reloader.config,
        configVersion: reloader.version,
        circuits: circuits.view(),
        slotSocket: sockets.perSlot,
        port: sockets.port,
        adminPort: options.adminPort(),
        relaySecret,
        generation: options.generation,
      }),
      readPipe: (workerId, pipe) => pipes.read(workerId, pipe),
      listener: {
        opened: (worker) => ledger.open(worker.id, worker.slot, worker.pid),
        message: workerMessages({ ledger, circuits, live, acks }),
        quiet: (worker) => circuits.workerSilent(worker.id),
        stateChanged: ({ slot, pid }, state) => live.publish({ type: 'worker', slot, pid, state }),
        exited: (worker, reason) => {
          counters.workerExited(reason);
          acks.gone(worker.id);
        },
        gone: (worker) => {
          circuits.workerGone(worker.id);
          const closed = closeAccount(worker.id).finally(() => closing.delete(closed));
          closing.add(closed);
        },
      },
      clock,
      log,
    },
    options.config.workers,
  );
  const scrape = createScrape({
    ledger,
    own,
    orphans,
    clock,
    requestSnapshots: () => {
      const serving = [...supervisor.workers].filter((worker) => worker.state !== 'starting');
      for (const worker of serving) worker.send({ type: 'snapshot-request' });
      return serving.map((worker) => worker.id);
    },
  });

  async function closeAccount(workerId: string): Promise<void> {
    try {
      await orphans.lastWords(workerId);
      if (await ledger.close(workerId)) orphans.forget(workerId);
    } catch (error) {
      log.error({ err: error, workerId }, 'the account of an ended worker could not be closed');
    }
  }

  async function apply(config: Config, configVersion: number): Promise<void> {
    log.level = config.log.level;
    own.begin(config);
    circuits.reconfigure(config);
    counters.providersKnown(Object.keys(config.providers));
    const asked = [...supervisor.workers].filter((worker) => worker.state === 'ready').map((worker) => worker.id);
    supervisor.broadcast({ type: 'config', config, configVersion });
    for (const workerId of await acks.collect(configVersion, asked)) {
      log.error({ workerId }, 'a worker did not apply the new configuration and is replaced');
      supervisor.replace(workerId);
    }
  }

  function status(): Status {
    const ageOf = (id: string) => ledger.snapshotAgeMs(id);
    return describeStatus({
      version,
      uptimeMs: clock.nowMs() - startedAtMs,
      wallMs: clock.wallMs(),
      workers: [
        ...[...supervisor.workers].map((worker) => ({ ...worker.report(), snapshotAgeMs: ageOf(worker.id) })),
        ...ledger.orphans().map(({ id, slot, pid }) => {
          return { slot, pid, state: 'orphan', inFlight: 0, snapshotAgeMs: ageOf(id) };
        }),
      ],
      circuits: circuits.providers(),
      targets: circuits.targets(),
      cooldowns: circuits.cooldowns(),
      models: reloader.config.models,
      config: reloader,
    });
  }

  /** Waits for the orphans to end: they read in `primary.json` that the gateway stops, and get the same drain limit. */
  async function orphansGone(): Promise<void> {
    const deadlineMs = clock.nowMs() + reloader.config.drain.stopMs;
    const left = () => ledger.orphans().some(({ pid, start }) => isRunning(pid, start));
    while (left() && !killed && clock.nowMs() < deadlineMs) await sleep(clock, ORPHAN_CHECK_MS);
  }

  return {
    relaySecret,
    actions: {
      scrape,
      status,
      readiness: () => judgeReadiness({ started, stopping: supervisor.stopping, slots: supervisor.slots }),
      watch: (listener) => live.subscribe(listener),
      reload: () => reloader.reload(),
      roll: () => roll(supervisor.slots, (worker, outcome) => log.info({ worker }, rollLines[outcome])),
      handOver: options.handOver,
      resetCircuit: (provider) => circuits.reset(provider),
    },
    async start() {
      orphanLogs.start();
      await supervisor.start();
      started = true;
    },
    async stop() {
      await Promise.all([supervisor.stop(), orphansGone()]);
      await Promise.all(closing);
      await orphanLogs.stop();
      live.close();
      ledger.end();
    },
    kill() {
      killed = true;
      supervisor.kill();
    },
    abandon() {
      circuits.keepNow();
      live.close();
      supervisor.abandon();
    },
  };
}
