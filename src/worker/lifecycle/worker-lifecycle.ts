/**
 * The lifecycle of a worker, from the primary's `init` to its exit: heartbeats, orders, drain, and the change to an
 * orphan when the primary is gone.
 *
 *   boot ── listen ──► serving ── drain order ─────────────────────────► draining ──► last snapshot, exit 0
 *                         │  └── SIGTERM: requests a successor, which leads to a drain order
 *                         └── primary gone ──► orphan ── successor, SIGTERM, 60 s ──► draining ──► file, exit 0
 *
 * Invariant: a worker exits only after everything that it counted is in the pipe or, for an orphan, in its file.
 */
import type { Socket } from 'node:net';
import { type Clock, sleep, type Timer } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import type { PrimaryMessage, WorkerInit, WorkerMessage } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import type { CircuitGate } from '../circuits/circuit-gate.ts';
import type { WorkerCredentials } from '../credentials/worker-credentials.ts';
import type { PriceBook } from '../prices/price-book.ts';
import type { FailureReports } from '../reporting/failure-reports.ts';
import type { OrphanFile } from '../reporting/orphan-file.ts';
import type { Outbox } from '../reporting/outbox.ts';
import type { SnapshotWriter } from '../reporting/snapshot-writer.ts';
import type { DataPlane } from '../server/server.ts';
import { type Hurry, OrphanLifecycle } from './orphan-lifecycle.ts';
import type { PrimaryContact } from './primary-contact.ts';

const HEARTBEAT_MS = 1_000;
/** After this time without a message, a primary is not expected to answer a request for a successor. */
const PRIMARY_LOST_MS = 5_000;
/** Drain limit of an orphan older than the previous generation: enough for connections to close after an answer. */
const HURRIED_DRAIN_MS = 1_000;
/** Drain limit of a worker whose code has failed. */
const FATAL_DRAIN_MS = 1_000;

interface WorkerLifecycleOptions {
  readonly init: WorkerInit;
  readonly contact: PrimaryContact;
  readonly plane: DataPlane;
  readonly outbox: Outbox;
  readonly failures: FailureReports;
  readonly snapshots: SnapshotWriter;
  readonly gate: CircuitGate;
  readonly credentials: Pick<WorkerCredentials, 'take' | 'alone'>;
  readonly prices: PriceBook;
  readonly send: (message: WorkerMessage) => void;
  /** What an orphan needs to keep its counts and to find its successor. */
  readonly orphan: { readonly primaryFile: string; readonly primaryPid: number; readonly numbers: OrphanFile };
  readonly exit: (code: number) => never;
  readonly clock: Clock;
  readonly log: Log;
}

export class WorkerLifecycle {
  readonly #options: WorkerLifecycleOptions;
  #heartbeats: Timer | null = null;
  #listening = false;
  #orphan: OrphanLifecycle | null = null;
  #drainingUntilMs: number | null = null;
  #ending = false;
  /** Whether its code has failed: then its exit code is 1. */
  #failed = false;

  constructor(options: WorkerLifecycleOptions) {
    this.#options = options;
  }

  /** Accepts connections, then sends `ready` and starts heartbeats and snapshots. */
  listen(socket: Socket | null): void {
    const { init, contact, plane, send, clock, snapshots } = this.#options;
    const listening = () => {
      this.#listening = true;
      send({ type: 'ready', pid: process.pid });
      snapshots.start();
      this.#heartbeat();
      this.#heartbeats = clock.every(HEARTBEAT_MS, () => this.#heartbeat());
    };
    plane.server.once('error', (error) => this.fail(error));
    if (socket !== null) {
      // A socket passed as a handle bypasses the port sharing of the cluster module.
      plane.server.listen(socket, listening);
    } else {
      plane.server.listen({ port: init.port, host: contact.config.server.host }, listening);
    }
  }

  /** Handles a message from the primary. */
  receive(message: PrimaryMessage): void {
    const { contact, plane, gate, credentials, prices, snapshots } = this.#options;
    contact.heard();
    switch (message.type) {
      case 'heartbeat':
      case 'init':
        break;
      case 'circuits':
        gate.apply(message.view);
        break;
      case 'lease':
        gate.onLease(message, message.request, message.lease);
        break;
      case 'config':
        this.#reconfigure(message.config, message.configVersion);
        break;
      case 'credentials':
        credentials.take(message.held);
        break;
      case 'certificate':
        plane.certify(message.certificate);
        break;
      case 'drain':
        this.#drain(message.limitMs, message.reason === 'stop' ? contact.config.drain.announceMs : 0);
        break;
      case 'prices':
        prices.takeAll(message.entries);
        break;
      case 'price':
        prices.take(message.entry);
        break;
      case 'snapshot-request':
        snapshots.request();
        break;
      default:
        message satisfies never;
    }
  }

  /** Handles SIGTERM: requests a successor first if a primary can start one, else drains without a successor. */
  terminate(): void {
    const { contact, send, clock, log } = this.#options;
    const primaryAnswers = clock.nowMs() - contact.lastMessageAtMs <= PRIMARY_LOST_MS;
    if (this.#orphan === null && primaryAnswers) {
      send({ type: 'drain-request' });
      return;
    }
    log.warn('received SIGTERM and no primary answers: this worker drains without a successor');
    this.#leave('stop');
  }

  /** Handles the end of the IPC channel: the primary is dead, and this worker becomes an orphan. */
  primaryGone(): void {
    const { init, orphan, contact, credentials, outbox, failures, exit, clock, log } = this.#options;
    // A worker that has never served has nothing to finish.
    if (!this.#listening) exit(0);
    outbox.disconnected();
    failures.disconnected();
    credentials.alone(contact.config);
    this.#orphan = new OrphanLifecycle({
      primaryFile: orphan.primaryFile,
      origin: { generation: init.generation, primaryPid: orphan.primaryPid },
      numbers: orphan.numbers,
      leave: (hurry) => this.#leave(hurry),
      clock,
      log,
    });
  }

  /**
   * Handles an uncaught error: the state may be corrupt, so the worker sends its counts and ends soon. Open streams get
   * their error event first, in a drain too; a second error ends the process immediately.
   */
  fail(error: unknown): void {
    const { plane, exit, log } = this.#options;
    log.fatal({ err: error }, 'this worker failed and ends');
    if (!this.#listening || this.#failed) exit(1);
    this.#failed = true;
    if (this.#ending) plane.drain(FATAL_DRAIN_MS).catch(() => exit(1));
    else this.#end(() => plane.drain(FATAL_DRAIN_MS));
  }

  #heartbeat(): void {
    const state = this.#drainingUntilMs === null ? 'ready' : 'draining';
    const { plane, send } = this.#options;
    const traffic = plane.traffic();
    const heartbeat = { type: 'heartbeat', inFlight: plane.inFlight(), state } as const;
    const silent = plane.silent();
    send({
      ...heartbeat,
      ...(traffic.length === 0 ? {} : { traffic }),
      ...(silent.length === 0 ? {} : { silent }),
    });
  }

  #reconfigure(config: Config, configVersion: number): void {
    const { contact, plane, send, log } = this.#options;
    // Only a newer version is applied, in any order of arrival. An older one is superseded and only acknowledged.
    if (configVersion > contact.configVersion) {
      try {
        plane.reconfigure(config);
      } catch (error) {
        log.error({ err: error, configVersion }, 'a configuration could not be applied');
        send({ type: 'config-ack', configVersion, refused: error instanceof Error ? error.message : String(error) });
        return;
      }
      contact.configured(config, configVersion);
      log.level = config.log.level;
    }
    send({ type: 'config-ack', configVersion });
  }

  #leave(hurry: Hurry): void {
    const { stopMs, restartMs } = this.#options.contact.config.drain;
    this.#drain(hurry === 'now' ? HURRIED_DRAIN_MS : hurry === 'stop' ? stopMs : restartMs, 0);
  }

  /** Starts the drain. A further call can only shorten it. */
  #drain(limitMs: number, announceMs: number): void {
    const { plane, clock, log } = this.#options;
    const untilMs = clock.nowMs() + announceMs + limitMs;
    if (this.#drainingUntilMs !== null && untilMs >= this.#drainingUntilMs) return;
    const first = this.#drainingUntilMs === null;
    this.#drainingUntilMs = untilMs;
    if (!first) {
      // This second call makes the plane end open requests immediately; then the first drain resolves and the worker
      // ends.
      clock.after(limitMs, () => {
        plane.drain(0).catch((error: unknown) => log.error({ err: error }, 'a drain could not be shortened'));
      });
      return;
    }
    log.info({ limitMs, inFlight: plane.inFlight() }, 'draining');
    this.#end(async () => {
      if (announceMs > 0) {
        plane.announce();
        await sleep(clock, announceMs);
      }
      await plane.drain(limitMs);
    });
  }

  #end(finish: () => Promise<void>): void {
    this.#ending = true;
    finish()
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'open requests could not be finished'))
      .then(() => this.#sendFinalCounts())
      .catch((error: unknown) =>
        this.#options.log.error({ err: error }, 'the final counts could not be sent or written'),
      )
      .finally(() => this.#options.exit(this.#failed ? 1 : 0));
  }

  async #sendFinalCounts(): Promise<void> {
    const { outbox, failures, snapshots } = this.#options;
    this.#heartbeats?.cancel();
    if (this.#orphan === null) {
      await Promise.all([outbox.close(), failures.close()]);
      await snapshots.final();
    }
    // The primary may have died in the meantime, which makes this worker an orphan.
    await this.#orphan?.end();
  }
}
