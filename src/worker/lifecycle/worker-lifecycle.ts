/**
 * A worker's life between its first word from the primary and its exit: heartbeats, orders, drain, and what follows when
 * the primary is gone.
 *
 *   boot ── listen ──► serving ── drain order ─────────────────────────► draining ──► last snapshot, exit 0
 *                         │  └── SIGTERM: asks for a successor, which ends in a drain order
 *                         └── primary gone ──► orphan ── successor, SIGTERM, 60 s ──► draining ──► file, exit 0
 *
 * Invariant: it exits only after everything it counted is in the pipe, or, as an orphan, in its file.
 */
import type { Socket } from 'node:net';
import { type Clock, sleep, type Timer } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import type { PrimaryMessage, WorkerInit, WorkerMessage } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import type { CircuitGate } from '../circuits/circuit-gate.ts';
import type { OrphanFile } from '../reporting/orphan-file.ts';
import type { Outbox } from '../reporting/outbox.ts';
import type { SnapshotWriter } from '../reporting/snapshot-writer.ts';
import type { DataPlane } from '../server/server.ts';
import { type Hurry, OrphanLifecycle } from './orphan-lifecycle.ts';

const HEARTBEAT_MS = 1_000;
/** A primary unheard for so long will not answer a request for a successor. */
const PRIMARY_LOST_MS = 5_000;
/** An orphan of an earlier life than the last gets so long: enough for connections to end in order, after an answer. */
const PASSED_OVER_MS = 1_000;
/** Open requests of a worker whose code has failed get so much more time. */
const FATAL_DRAIN_MS = 1_000;

interface WorkerLifecycleOptions {
  readonly init: WorkerInit;
  readonly plane: DataPlane;
  readonly outbox: Outbox;
  readonly snapshots: SnapshotWriter;
  readonly gate: CircuitGate;
  readonly send: (message: WorkerMessage) => void;
  /** What an orphan needs to keep its numbers and to find its successor. */
  readonly orphan: { readonly primaryFile: string; readonly primaryPid: number; readonly numbers: OrphanFile };
  readonly exit: (code: number) => never;
  readonly clock: Clock;
  readonly log: Log;
}

export class WorkerLifecycle {
  readonly #options: WorkerLifecycleOptions;
  #config: Config;
  #configVersion: number;
  #heartbeats: Timer | null = null;
  #listening = false;
  #heardAtMs: number;
  #orphan: OrphanLifecycle | null = null;
  #drainingUntilMs: number | null = null;
  #ending = false;

  constructor(options: WorkerLifecycleOptions) {
    this.#options = options;
    this.#config = options.init.config;
    this.#configVersion = options.init.configVersion;
    this.#heardAtMs = options.clock.nowMs();
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#config;
  }

  /** When the primary was last heard, on this worker's clock. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  /** Takes connections and says so. */
  listen(socket: Socket | null): void {
    const { init, plane, send, clock, snapshots } = this.#options;
    const listening = () => {
      this.#listening = true;
      send({ type: 'ready', pid: process.pid });
      snapshots.start();
      this.#heartbeat();
      this.#heartbeats = clock.every(HEARTBEAT_MS, () => this.#heartbeat());
    };
    plane.server.once('error', (error) => this.fail(error));
    if (socket !== null) {
      // Given as a handle, the socket bypasses the cluster module's sharing of ports.
      plane.server.listen(socket, listening);
    } else {
      plane.server.listen({ port: init.port, host: this.#config.server.host }, listening);
    }
  }

  /** An order of the primary. */
  receive(message: PrimaryMessage): void {
    const { gate, snapshots, clock } = this.#options;
    this.#heardAtMs = clock.nowMs();
    switch (message.type) {
      case 'heartbeat':
      case 'init':
        break;
      case 'circuits':
        gate.apply(message.view);
        break;
      case 'lease':
        gate.onLease(message.provider, message.request, message.lease);
        break;
      case 'config':
        this.#reconfigure(message.config, message.configVersion);
        break;
      case 'drain':
        this.#drain(message.limitMs, message.reason === 'stop' ? this.#config.drain.announceMs : 0);
        break;
      case 'snapshot-request':
        snapshots.request();
        break;
      default:
        message satisfies never;
    }
  }

  /** Told to end by a signal: a successor comes first, where there is somebody to make one. */
  terminate(): void {
    const { send, clock, log } = this.#options;
    const primaryAnswers = clock.nowMs() - this.#heardAtMs <= PRIMARY_LOST_MS;
    if (this.#orphan === null && primaryAnswers) {
      send({ type: 'drain-request' });
      return;
    }
    log.warn('told to end with no primary to answer: ending without a successor');
    this.#leave('stop');
  }

  /** The channel to the primary has closed: it is dead. */
  primaryGone(): void {
    const { init, orphan, outbox, exit, clock, log } = this.#options;
    // Nobody relies on a worker that never served.
    if (!this.#listening) exit(0);
    outbox.disconnected();
    this.#orphan = new OrphanLifecycle({
      primaryFile: orphan.primaryFile,
      origin: { generation: init.generation, primaryPid: orphan.primaryPid },
      numbers: orphan.numbers,
      leave: (hurry) => this.#leave(hurry),
      clock,
      log,
    });
  }

  /** An error that nobody caught: the state is not to be trusted, so this worker ends soon, with what it knows. */
  fail(error: unknown): void {
    const { plane, exit, log } = this.#options;
    log.fatal({ err: error }, 'a worker failed and ends');
    if (!this.#listening || this.#ending) exit(1);
    this.#end(() => plane.drain(FATAL_DRAIN_MS), 1);
  }

  #heartbeat(): void {
    const state = this.#drainingUntilMs === null ? 'ready' : 'draining';
    this.#options.send({ type: 'heartbeat', inFlight: this.#options.plane.inFlight(), state });
  }

  #reconfigure(config: Config, configVersion: number): void {
    const { plane, send, log } = this.#options;
    // Newest wins, whatever the order of arrival; an older one is settled already.
    if (configVersion > this.#configVersion) {
      try {
        plane.reconfigure(config);
      } catch (error) {
        log.error({ err: error, configVersion }, 'a configuration could not be applied');
        send({ type: 'config-ack', configVersion, refused: error instanceof Error ? error.message : String(error) });
        return;
      }
      this.#config = config;
      this.#configVersion = configVersion;
      log.level = config.log.level;
    }
    send({ type: 'config-ack', configVersion });
  }

  #leave(hurry: Hurry): void {
    const { stopMs, restartMs } = this.#config.drain;
    this.#drain(hurry === 'now' ? PASSED_OVER_MS : hurry === 'stop' ? stopMs : restartMs, 0);
  }

  /** A later order can only make it sooner. */
  #drain(limitMs: number, announceMs: number): void {
    const { plane, clock, log } = this.#options;
    const untilMs = clock.nowMs() + announceMs + limitMs;
    if (this.#drainingUntilMs !== null && untilMs >= this.#drainingUntilMs) return;
    const first = this.#drainingUntilMs === null;
    this.#drainingUntilMs = untilMs;
    if (!first) {
      // Told again, the plane ends what is open at once; whoever waits for the first drain goes on to the end.
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
    }, 0);
  }

  #end(finish: () => Promise<void>, code: number): void {
    this.#ending = true;
    finish()
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'open requests could not be finished'))
      .then(() => this.#lastWords())
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'the last numbers could not be handed over'))
      .finally(() => this.#options.exit(code));
  }

  async #lastWords(): Promise<void> {
    const { outbox, snapshots } = this.#options;
    this.#heartbeats?.cancel();
    if (this.#orphan === null) {
      await outbox.close();
      await snapshots.final();
    }
    // The primary may have died in the meantime.
    await this.#orphan?.end();
  }
}
