/**
 * One forked worker as the primary sees it: its channel, its snapshot pipe, its state, its pulse.
 *
 * Its end has two steps. `exited`: the process is gone, the slot may be filled again. `gone`: its channel and its pipe
 * are read to their end as well; events of a dead worker still lie in the pipes at its exit, so only then may it be
 * taken off the checkpoint.
 */
import cluster, { type Worker } from 'node:cluster';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { CircuitView } from '../../shared/circuits/circuit-view.ts';
import type { Clock } from '../../shared/clock.ts';
import {
  envelope,
  isWorkerMessage,
  type PrimaryMessage,
  SNAPSHOT_FD,
  type WorkerInit,
  type WorkerMessage,
} from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import { WORKER_MARK } from '../../shared/worker-mark.ts';
import { processCpuMs } from './process-identity.ts';
import { type Pulse, STARTING_TICKS } from './watchdog.ts';

export type WorkerState = 'starting' | 'ready' | 'draining';

/** How a process ended; just one of both is set. */
export interface ExitCause {
  readonly code: number | null;
  readonly signal: string | null;
}

interface WorkerHandlers {
  message(worker: WorkerProcess, message: WorkerMessage): void;
  /** Reads the snapshot pipe; resolves when it is at its end. */
  readPipe(workerId: string, pipe: Readable): Promise<void>;
  exited(worker: WorkerProcess, cause: ExitCause): void;
  gone(worker: WorkerProcess): void;
}

const source = import.meta.url.endsWith('.ts') ? '../../worker/main.ts' : '../../worker/main.js';
const workerPath = fileURLToPath(new URL(source, import.meta.url));

/**
 * The working folder, or the root where it has been removed since the start: no process can begin in a folder that is
 * gone. Workers need none; the one that is there may be meant by a relative path in `NODE_OPTIONS`.
 */
function existingFolder(): string {
  const folder = process.cwd();
  return existsSync(folder) ? folder : '/';
}

/** A worker of one slot, from its fork to its end. */
export class WorkerProcess {
  readonly id: string;
  readonly slot: number;
  readonly pid: number;
  readonly #worker: Worker;
  readonly #pipe: Readable;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #handlers: WorkerHandlers;
  readonly #pending = new Set<'exit' | 'disconnect' | 'pipe'>(['exit', 'disconnect', 'pipe']);
  #state: WorkerState = 'starting';
  #readyAtMs: number | null = null;
  #age = 0;
  /** CPU time at each tick of the boot. */
  readonly #cpuMs: number[] = [];
  #silent = 0;
  #inFlight = 0;
  #viewOnItsWay = false;
  #nextView: CircuitView | null = null;
  #heartbeatOnItsWay = false;

  /** Forks it by path. Throws when no process can be made. */
  constructor({ id, slot }: { id: string; slot: number }, clock: Clock, log: Log, handlers: WorkerHandlers) {
    this.id = id;
    this.slot = slot;
    this.#clock = clock;
    this.#log = log;
    this.#handlers = handlers;
    cluster.setupPrimary({
      exec: workerPath,
      args: [],
      // SIGUSR1 would open a debugger, and process managers send signals to the whole group.
      execArgv: ['--disable-sigusr1', ...process.execArgv],
      cwd: existingFolder(),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    });
    this.#worker = cluster.fork({ [WORKER_MARK]: '1' });
    // Without a listener an EPIPE of a dying worker's channel, or a failed fork, would end the primary.
    this.#worker.on('error', (error) => this.#faulted(error));
    this.pid = this.#worker.process.pid ?? 0;
    // Not there at all when the host has no more descriptors.
    const descriptors: readonly unknown[] | undefined = this.#worker.process.stdio;
    const pipe = descriptors?.[SNAPSHOT_FD];
    if (!(pipe instanceof Readable)) throw new Error('a worker was born without its snapshot pipe');
    this.#pipe = pipe;
    this.#listen();
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** What people are told of it; requests in flight as of its last heartbeat. */
  report(): { readonly slot: number; readonly pid: number; readonly state: WorkerState; readonly inFlight: number } {
    return { slot: this.slot, pid: this.pid, state: this.#state, inFlight: this.#inFlight };
  }

  /** How long it has been ready, or was until now; 0 if never. */
  get readyForMs(): number {
    return this.#readyAtMs === null ? 0 : this.#clock.nowMs() - this.#readyAtMs;
  }

  /** Sends a message; a worker that is gone, or on its way, does not get it, and that is no fault. */
  send(message: PrimaryMessage, sent?: () => void): void {
    if (!this.#worker.isConnected()) return;
    this.#worker.send(envelope(message), (error: Error | null) => {
      if (error === null) sent?.();
    });
  }

  /** Sends the first message, with a copy of the slot's socket; to a worker that has booted. */
  begin(init: WorkerInit, socket: Socket | null): void {
    if (!this.#worker.isConnected()) return;
    // A worker that is gone does not get it, and that is no fault.
    this.#worker.send(envelope(init), socket ?? undefined, { keepOpen: true }, () => undefined);
  }

  /** Sends the newest view as soon as the one before is in the pipe; those between are skipped. */
  sendView(view: CircuitView): void {
    if (this.#viewOnItsWay) {
      this.#nextView = view;
      return;
    }
    this.#viewOnItsWay = true;
    this.send({ type: 'circuits', view }, () => {
      this.#viewOnItsWay = false;
      const next = this.#nextView;
      this.#nextView = null;
      if (next !== null) this.sendView(next);
    });
  }

  /** Counts one of the primary's ticks, and lets the worker know that the primary lives. */
  tick(): Omit<Pulse, 'failures'> {
    this.#age += 1;
    this.#silent += 1;
    // A worker that does not read must not make heartbeats pile up here.
    if (!this.#heartbeatOnItsWay) {
      this.#heartbeatOnItsWay = true;
      this.send({ type: 'heartbeat' }, () => {
        this.#heartbeatOnItsWay = false;
      });
    }
    const starting = this.#state === 'starting';
    const cpu = starting ? this.#readCpu() : { cpuMs: null, recentCpuMs: null };
    return { starting, age: this.#age, silent: this.#silent, ...cpu };
  }

  #readCpu(): Pick<Pulse, 'cpuMs' | 'recentCpuMs'> {
    const cpuMs = processCpuMs(this.pid);
    if (cpuMs === null) return { cpuMs, recentCpuMs: null };
    this.#cpuMs.push(cpuMs);
    return { cpuMs, recentCpuMs: cpuMs - (this.#cpuMs.at(-1 - STARTING_TICKS) ?? 0) };
  }

  /** Tells it to finish what is open and end; it is killed when it outlives the limit by far. */
  drain(reason: 'stop' | 'replaced', limitMs: number, graceMs: number): void {
    this.#state = 'draining';
    this.send({ type: 'drain', reason, limitMs });
    this.#clock.after(limitMs + graceMs, () => this.kill());
  }

  /** Lets it go without a word: it will find itself an orphan, and this process free to end. */
  letGo(): void {
    const { process: child } = this.#worker;
    if (child.connected) child.disconnect();
    child.unref();
    this.#pipe.destroy();
  }

  kill(): void {
    if (this.#pending.has('exit')) this.#worker.process.kill('SIGKILL');
  }

  #listen(): void {
    this.#worker.on('message', (message: unknown) => {
      if (!isWorkerMessage(message)) return;
      this.#silent = 0;
      if (message.type === 'heartbeat') this.#inFlight = message.inFlight;
      if (message.type === 'ready' && this.#state === 'starting') {
        this.#state = 'ready';
        this.#readyAtMs = this.#clock.nowMs();
      }
      this.#handlers.message(this, message);
    });
    this.#worker.once('exit', (code: number | null, signal: string | null) => this.#ended('exit', { code, signal }));
    this.#worker.once('disconnect', () => this.#ended('disconnect'));
    void this.#handlers.readPipe(this.id, this.#pipe).then(() => this.#ended('pipe'));
  }

  #faulted(error: Error): void {
    this.#log.debug({ slot: this.slot, pid: this.pid, error: error.message }, 'channel to a worker failed');
    // No process was made: none of its ends will be reported.
    if (this.pid !== 0) return;
    for (const end of ['disconnect', 'pipe'] as const) this.#pending.delete(end);
    this.#ended('exit', { code: 1, signal: null });
  }

  #ended(end: 'exit' | 'disconnect' | 'pipe', cause?: ExitCause): void {
    if (!this.#pending.delete(end)) return;
    if (cause !== undefined) this.#handlers.exited(this, cause);
    if (this.#pending.size === 0) this.#handlers.gone(this);
  }
}
