/**
 * Keeps every slot filled: forks, watches, replaces and drains workers. It does not know what workers count or decide;
 * the parts that do are behind `SupervisorListener`.
 *
 * Invariant: each worker that was opened is reported gone exactly once, after all its messages and snapshots.
 */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { CircuitView } from '../../shared/circuits/circuit-view.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import { PROTOCOL, type PrimaryMessage, type WorkerInit, type WorkerMessage } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import { schemaHash } from '../../shared/metrics/metrics.ts';
import { ReplacementError, Slot } from './slot.ts';
import type { SlotSockets } from './slot-sockets.ts';
import { judgePulse, TICK_MS } from './watchdog.ts';
import { type ExitCause, WorkerProcess, type WorkerState } from './worker-process.ts';

/** Why a worker ended; the label values of `llm_worker_exits_total`. */
export const exitReasons = ['clean', 'crash', 'signal', 'replaced'] as const;
export type ExitReason = (typeof exitReasons)[number];

/** A worker that is still running this long after its drain limit is killed. */
const GRACE_MS = 5_000;

interface SupervisorListener {
  /** It was forked and has sent no message yet. */
  opened(worker: WorkerProcess): void;
  message(worker: WorkerProcess, message: WorkerMessage): void;
  /** It has sent nothing for some seconds. */
  quiet(worker: WorkerProcess): void;
  stateChanged(worker: WorkerProcess, state: WorkerState | 'gone'): void;
  exited(worker: WorkerProcess, reason: ExitReason): void;
  /** Its process has ended, and its channel and pipe are read to the end. */
  gone(worker: WorkerProcess): void;
}

/** The parts for which workers are kept. They send to workers, so the supervisor is built before them. */
interface Clients {
  /** The active configuration. */
  readonly config: () => Config;
  /** The `init` message of a worker, without the fields that identify the worker. */
  readonly init: () => Omit<WorkerInit, 'type' | 'protocol' | 'schema' | 'workerId' | 'slot'>;
  readonly listener: SupervisorListener;
}

interface SupervisorOptions {
  readonly sockets: SlotSockets;
  /** Reads a worker's snapshot pipe; resolves at the end of the pipe. */
  readonly readPipe: (workerId: string, pipe: Readable) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #slots: readonly Slot<WorkerProcess>[];
  readonly #workers = new Set<WorkerProcess>();
  #connected: Clients | null = null;
  #ticking: Timer | null = null;
  #stopping = false;
  #allReady = Promise.withResolvers<void>();
  #allGone = Promise.withResolvers<void>();

  constructor(options: SupervisorOptions, count: number) {
    this.#options = options;
    this.#slots = Array.from({ length: count }, (_, index) => {
      const actions = {
        fork: () => this.#fork(index),
        renewSocket: () => options.sockets.renew(index),
        retire: (worker: WorkerProcess) => this.#drain(worker, 'replaced', this.#clients.config().drain.restartMs),
      };
      return new Slot(index, actions, options.clock, options.log);
    });
  }

  /** To be called once, before any other method. */
  connect(clients: Clients): void {
    this.#connected = clients;
  }

  get #clients(): Clients {
    if (this.#connected === null) throw new Error('the supervisor is not connected');
    return this.#connected;
  }

  /** Forks a worker for each slot; resolves once all slots are ready at the same time. */
  start(): Promise<void> {
    // After a suspension, what workers have sent meanwhile is read before they are judged.
    this.#ticking = this.#options.clock.every(TICK_MS, () => setImmediate(() => this.#tick()));
    for (const slot of this.#slots) slot.start();
    return this.#allReady.promise;
  }

  /** All workers that are not gone yet. */
  get workers(): ReadonlySet<WorkerProcess> {
    return this.#workers;
  }

  get slots(): readonly Slot<WorkerProcess>[] {
    return this.#slots;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** Sends to every worker except those that drain. */
  broadcast(message: PrimaryMessage): void {
    for (const worker of this.#workers) if (worker.state !== 'draining') worker.send(message);
  }

  /** Sends to all workers: those that drain still have requests to route. */
  broadcastView(view: CircuitView): void {
    for (const worker of this.#workers) worker.sendView(view);
  }

  /** Starts a successor, then drains the worker. Does nothing unless the worker is ready. */
  replace(workerId: string): void {
    for (const worker of this.#workers) {
      if (worker.id !== workerId || worker.state !== 'ready') continue;
      this.#slots[worker.slot]?.replace().catch((error: unknown) => {
        const cause = error instanceof ReplacementError ? { reason: error.message } : { err: error };
        this.#options.log.error({ worker: worker.slot, ...cause }, 'a worker could not be replaced and keeps serving');
      });
    }
  }

  /** Drains all workers within the limit; resolves when all are gone. */
  stop(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true;
      const { stopMs, announceMs } = this.#clients.config().drain;
      for (const slot of this.#slots) slot.stop();
      for (const worker of this.#workers) {
        if (worker.state === 'starting') worker.kill();
        else this.#drain(worker, 'stop', stopMs, announceMs);
      }
      // Workers close their own copies. Ours must be closed too, or connections would still be queued on it.
      this.#options.sockets.close();
      this.#settleGone();
    }
    return this.#allGone.promise;
  }

  /** Kills all workers now. */
  kill(): void {
    for (const slot of this.#slots) slot.stop();
    for (const worker of this.#workers) worker.kill();
  }

  /** Disconnects from all workers without ending them: they become orphans. */
  abandon(): void {
    this.#stopping = true;
    for (const slot of this.#slots) slot.stop();
    this.#ticking?.cancel();
    for (const worker of this.#workers) worker.detach();
  }

  #fork(index: number): WorkerProcess {
    const { readPipe, clock, log } = this.#options;
    const { listener } = this.#clients;
    const worker = new WorkerProcess({ id: randomUUID(), slot: index }, clock, log, {
      message: (from, message) => this.#onMessage(from, message),
      readPipe,
      exited: (from, cause) => this.#onExit(from, cause),
      gone: (from) => this.#onGone(from),
    });
    this.#workers.add(worker);
    listener.opened(worker);
    listener.stateChanged(worker, 'starting');
    return worker;
  }

  #begin(worker: WorkerProcess): void {
    const { sockets, log } = this.#options;
    if (worker.state !== 'starting' || this.#stopping) return;
    const { id: workerId, slot } = worker;
    const version = { protocol: PROTOCOL, schema: schemaHash() };
    try {
      worker.begin({ type: 'init', ...version, workerId, slot, ...this.#clients.init() }, sockets.socketFor(slot));
    } catch (error) {
      log.error({ worker: slot, pid: worker.pid, err: error }, 'a worker got no socket to listen on');
      worker.kill();
    }
  }

  #drain(worker: WorkerProcess, reason: 'stop' | 'replaced', limitMs: number, announceMs = 0): void {
    worker.drain(reason, limitMs, announceMs + GRACE_MS);
    this.#clients.listener.stateChanged(worker, 'draining');
  }

  #onMessage(worker: WorkerProcess, message: WorkerMessage): void {
    const { listener } = this.#clients;
    switch (message.type) {
      case 'booted':
        this.#begin(worker);
        break;
      case 'ready':
        listener.stateChanged(worker, 'ready');
        this.#slots[worker.slot]?.onReady(worker);
        if (this.#slots.every((slot) => slot.ready)) this.#allReady.resolve();
        break;
      case 'drain-request':
        this.replace(worker.id);
        break;
      default:
        break;
    }
    listener.message(worker, message);
  }

  #onExit(worker: WorkerProcess, { code, signal }: ExitCause): void {
    const { log } = this.#options;
    const { listener } = this.#clients;
    const reason = this.#reasonOf(worker, code, signal);
    const facts = { worker: worker.slot, pid: worker.pid, code, signal, reason };
    if (reason === 'crash' || reason === 'signal') log.warn(facts, 'a worker died');
    else log.info(facts, 'a worker ended');
    listener.exited(worker, reason);
    this.#slots[worker.slot]?.onExit(worker);
  }

  #reasonOf(worker: WorkerProcess, code: number | null, signal: string | null): ExitReason {
    if (signal !== null) return 'signal';
    if (code !== 0 || worker.state !== 'draining') return 'crash';
    return this.#stopping ? 'clean' : 'replaced';
  }

  #onGone(worker: WorkerProcess): void {
    this.#workers.delete(worker);
    this.#clients.listener.gone(worker);
    this.#clients.listener.stateChanged(worker, 'gone');
    if (this.#stopping) this.#settleGone();
  }

  #settleGone(): void {
    if (this.#workers.size > 0) return;
    this.#ticking?.cancel();
    this.#allGone.resolve();
  }

  #tick(): void {
    const { log } = this.#options;
    const { config, listener } = this.#clients;
    for (const worker of this.#workers) {
      const judgement = judgePulse(
        { ...worker.tick(), failures: this.#slots[worker.slot]?.failures ?? 0 },
        config().watchdogMs,
      );
      switch (judgement) {
        case 'alive':
          break;
        case 'quiet':
          listener.quiet(worker);
          break;
        case 'hung':
        case 'never-ready':
          log.error({ worker: worker.slot, pid: worker.pid, judgement }, 'a worker does not respond and is killed');
          worker.kill();
          break;
        default:
          judgement satisfies never;
      }
    }
  }
}
