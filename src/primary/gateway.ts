/**
 * The gateway as a whole: what can be asked of it from outside, and its start and end. It builds its parts and connects
 * them (`gateway-parts.ts`); the parts decide.
 */
import { hostname } from 'node:os';
import { sleep } from '../shared/clock.ts';
import { reachableHost } from '../shared/host/loopback.ts';
import type { AdminActions } from './admin/admin-actions.ts';
import { judgeReadiness } from './admin/readiness.ts';
import { describeStatus, type Status } from './admin/status.ts';
import { buildParts, connect, type GatewayOptions } from './gateway-parts.ts';
import { historyAnswer } from './history/history-answer.ts';
import { trafficOf } from './history/traffic.ts';
import { roll } from './processes/roll.ts';
import type { Replaced } from './processes/slot.ts';
import { shownReload } from './reload/last-reload.ts';

/** The operations of a gateway. */
interface Gateway {
  readonly actions: AdminActions;
  readonly relaySecret: string;
  /** Forks the workers; resolves when all slots are ready. */
  start(): Promise<void>;
  /**
   * Drains all workers and waits for orphans too; resolves when none is left and the checkpoint is closed.
   *
   * @param begun told at once how long it may take
   */
  stop(begun: (limitMs: number) => void): Promise<void>;
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

/** This process's, whose times the page shows. */
const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();

/** Builds the gateway without forking workers. */
export function createGateway(options: GatewayOptions): Gateway {
  const { config } = options.active;
  const { version, sockets, certificates, adminPort, handOver, clock, log } = options;
  const startedAtMs = clock.nowMs();
  const parts = buildParts(options);
  connect(parts, options);
  const {
    live,
    history,
    watch,
    keeper,
    failureKeeper,
    unfinished,
    ledger,
    orphans,
    orphanLogs,
    lastCounts,
    spend,
    supervisor,
    circuits,
    credentials,
    prices,
  } = parts;
  const { failures, reloader, rolling, scrape, relaySecret } = parts;
  let started = false;
  let killed = false;
  let stoppingUntilMs: number | null = null;

  const status = (): Status => {
    const ageOf = (id: string) => ledger.snapshotAgeMs(id);
    return describeStatus({
      version,
      hostname: hostname(),
      timeZone,
      listeners: {
        gateway: { host: config.server.host, port: sockets.port, ...tlsMark(config.server) },
        admin: { host: config.admin.host, port: adminPort(), ...tlsMark(config.admin) },
      },
      verdict: watch.verdict,
      traffic: trafficOf(history),
      uptimeMs: clock.nowMs() - startedAtMs,
      wallMs: clock.wallMs(),
      workers: [
        ...[...supervisor.workers].map((worker) => ({ ...worker.report(), snapshotAgeMs: ageOf(worker.id) })),
        ...orphans.living().map(({ id, slot, pid }) => {
          return { slot, pid, state: 'orphan', inFlight: 0, traffic: [], snapshotAgeMs: ageOf(id) };
        }),
      ],
      circuits: circuits.providers(),
      targets: circuits.targets(),
      rests: circuits.resting(),
      keys: circuits.keys(),
      models: reloader.config.models,
      credentials: credentials.report(),
      certificates: certificates.reports(),
      config: reloader,
      roll: rolling.last,
      stateProblem: ledger.stateProblem,
      stoppingUntilMs,
    });
  };

  /** Waits for the orphans to end: they read in `primary.json` that the gateway stops, and get the same drain limit. */
  const orphansGone = async (): Promise<void> => {
    const deadlineMs = clock.nowMs() + reloader.config.drain.stopMs;
    while (orphans.living().length > 0 && !killed && clock.nowMs() < deadlineMs) await sleep(clock, ORPHAN_CHECK_MS);
  };

  live.connect(status);

  return {
    relaySecret,
    actions: {
      scrape,
      status,
      readiness: () =>
        judgeReadiness({
          started,
          stopping: supervisor.stopping,
          slots: supervisor.slots,
          credentials: credentials.report(),
          certificates: certificates.reports(),
          wallMs: clock.wallMs(),
          models: reloader.config.models,
        }),
      watch: (watcher) => live.subscribe(watcher),
      history: (query) => {
        const { models, providers } = reloader.config;
        return historyAnswer(history, query, { models: Object.keys(models), providers: Object.keys(providers) });
      },
      config: () => {
        const { version: configVersion, loadedAtMs, source, values, last } = reloader;
        const loadedAt = new Date(loadedAtMs).toISOString();
        return { version: configVersion, loadedAt, source, values, lastReload: last && shownReload(last) };
      },
      reload: (by) => reloader.reload(by),
      roll: () =>
        rolling.follow(supervisor.slots.length, (slotDone) =>
          roll(supervisor.slots, (worker, outcome) => {
            log.info({ worker }, rollLines[outcome]);
            slotDone();
          }),
        ),
      checkConfig: () => reloader.check(),
      handOver,
      tryTarget: () => {
        const { host, port } = sockets;
        const shown = certificates.current('gateway');
        const tls = shown && { cert: shown.cert, needsClientCertificate: shown.clientCa !== null };
        return { host: reachableHost(host), port, tls, key: reloader.config.server.keys[0] ?? null };
      },
      resetCircuit: (provider) => circuits.reset(provider),
      failures: (query) => ({ ...failures.read(query), kept: failureKeeper.isKept }),
      spend: (query) => spend.read(query),
    },
    async start() {
      orphanLogs.start();
      spend.start();
      void keeper.start().then(() => unfinished.start());
      void failureKeeper.start();
      const ready = supervisor.start();
      // Loaded while the workers boot, and nobody waits for it.
      void prices.reconfigure(reloader.config);
      await ready;
      started = true;
    },
    async stop(begun) {
      const { announceMs, stopMs } = reloader.config.drain;
      const limitMs = announceMs + stopMs;
      stoppingUntilMs = clock.wallMs() + limitMs;
      begun(limitMs);
      const inFlight = [...supervisor.workers].reduce((sum, worker) => sum + worker.report().inFlight, 0);
      const what = `open requests (${inFlight} at the last count) may finish within ${limitMs / 1000} s`;
      log.info({ inFlight, limitMs }, `stopping: ${what}; a second signal ends them at once`);
      await Promise.all([supervisor.stop(), orphansGone()]);
      await lastCounts.written();
      await orphanLogs.stop();
      credentials.stop();
      keeper.stop();
      await Promise.all([failureKeeper.stop(), unfinished.stop()]);
      await spend.stop();
      live.close();
      ledger.end();
    },
    kill() {
      killed = true;
      supervisor.kill();
    },
    abandon() {
      circuits.keepNow();
      credentials.stop();
      keeper.stop();
      void failureKeeper.stop();
      void spend.end();
      live.close();
      supervisor.abandon();
    },
  };
}

function tlsMark({ tls }: { readonly tls?: object }): { readonly tls?: true } {
  return tls === undefined ? {} : { tls: true };
}
