/**
 * One forked worker as the primary sees it: its channel, its snapshot pipe, its state, its pulse.
 *
 * Its end has two steps. `exited`: the process has ended, and the slot may be filled again. `gone`: its channel and its
 * pipe are read to the end too. At the exit, the pipes still hold events of the worker, so its account may be closed
 * only when it is gone.
 */
import cluster, { type Worker } from 'node:cluster';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type CircuitView, mergeViews } from '../../shared/circuits/circuit-view.ts';
import type { Clock } from '../../shared/clock.ts';
import { WORKER_MARK } from '../../shared/host/worker-mark.ts';
import {
  envelope,
  type PrimaryMessage,
  readWorkerMessage,
  type SeenTarget,
  type SilentProvider,
  SNAPSHOT_FD,
  type WorkerInit,
  type WorkerMessage,
} from '../../shared/ipc.ts';
import { errorFields, type Log } from '../../shared/log.ts';
import { processCpuMs } from '../host/process-identity.ts';
import { type Pulse, STARTING_TICKS, TICK_MS } from './watchdog.ts';

export type WorkerState = 'starting' | 'ready' | 'draining';

/** How a process ended; exactly one of the two is set. */
export interface ExitCause {
  readonly code: number | null;
  readonly signal: string | null;
}

interface WorkerHandlers {
  message(worker: WorkerProcess, message: WorkerMessage): void;
  /** Reads the snapshot pipe; resolves at the end of the pipe. */
  readPipe(workerId: string, pipe: Readable): Promise<void>;
  exited(worker: WorkerProcess, cause: ExitCause): void;
  gone(worker: WorkerProcess): void;
}

const source = import.meta.url.endsWith('.ts') ? '../../worker/main.ts' : '../../worker/main.js';
const workerPath = fileURLToPath(new URL(source, import.meta.url));

/**
 * The working folder, or the root if it was removed since the start: no process can start in a folder that is gone.
 * Workers need none, but a relative path in `NODE_OPTIONS` may refer to it.
 */
function existingFolder(): string {
  try {
    const folder = process.cwd();
    return existsSync(folder) ? folder : '/';
  } catch {
    // It was gone before anybody asked for its name.
    return '/';
  }
}

/** One worker, from its fork to its end. */
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
  #traffic: readonly SeenTarget[] = [];
  #silentProviders: readonly SilentProvider[] = [];
  #sendingView = false;
  #nextView: CircuitView | null = null;
  #sendingHeartbeat = false;
  /** It has sent a broken message: nothing that it sends is believed any more. */
  #isBroken = false;

  /** Forks the worker. Throws when no process can be made. */
  constructor({ id, slot }: { id: string; slot: number }, clock: Clock, log: Log, handlers: WorkerHandlers) {
    this.id = id;
    this.slot = slot;
    this.#clock = clock;
    this.#log = log;
    this.#handlers = handlers;
    cluster.setupPrimary({
      exec: workerPath,
      args: [],
      // Process managers send signals to the whole group, and SIGUSR1 would open a debugger.
      execArgv: ['--disable-sigusr1', ...process.execArgv],
      cwd: existingFolder(),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    });
    this.#worker = cluster.fork({ [WORKER_MARK]: '1' });
    // Without a listener, an EPIPE on a dying worker's channel or a failed fork would end the primary.
    this.#worker.on('error', (error) => this.#onError(error));
    this.pid = this.#worker.process.pid ?? 0;
    // Undefined when the host has no descriptors left.
    const descriptors: readonly unknown[] | undefined = this.#worker.process.stdio;
    const pipe = descriptors?.[SNAPSHOT_FD];
    if (!(pipe instanceof Readable)) throw new Error('a worker was forked without its snapshot pipe');
    this.#pipe = pipe;
    this.#listen();
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Its state for the status page; `inFlight` and `traffic` are those of its last heartbeat. */
  report() {
    return {
      slot: this.slot,
      pid: this.pid,
      state: this.#state,
      inFlight: this.#inFlight,
      traffic: this.#traffic,
    } as const;
  }

  /** As its last heartbeat says. */
  get silentProviders(): readonly SilentProvider[] {
    return this.#silentProviders;
  }

  /** For how long it has sent nothing, in seconds of the primary's own running. */
  get silentSeconds(): number {
    return (this.#silent * TICK_MS) / 1000;
  }

  /** Time since it became ready, in ms; 0 if it never did. */
  get readyForMs(): number {
    return this.#readyAtMs === null ? 0 : this.#clock.nowMs() - this.#readyAtMs;
  }

  /** Sends a message and calls `sent` when it is in the channel. Does nothing if the worker is disconnected. */
  send(message: PrimaryMessage, sent?: () => void): void {
    if (!this.#worker.isConnected()) return;
    this.#worker.send(envelope(message), (error: Error | null) => {
      if (error === null) sent?.();
    });
  }

  /** Sends the first message, with a copy of the slot's socket, to a worker that has booted. */
  begin(init: WorkerInit, socket: Socket | null): void {
    if (!this.#worker.isConnected()) return;
    // If the worker dies meanwhile, its exit is reported: the failed send needs no action.
    this.#worker.send(envelope(init), socket ?? undefined, { keepOpen: true }, () => undefined);
  }

  /** Sends a view as soon as the previous one is in the channel; views that come until then are sent as one. */
  sendView(view: CircuitView): void {
    if (this.#sendingView) {
      this.#nextView = this.#nextView === null ? view : mergeViews(this.#nextView, view);
      return;
    }
    this.#sendingView = true;
    this.send({ type: 'circuits', view }, () => {
      this.#sendingView = false;
      const next = this.#nextView;
      this.#nextView = null;
      if (next !== null) this.sendView(next);
    });
  }

  /** Counts one tick of the primary and sends a heartbeat to the worker. */
  tick(): Omit<Pulse, 'failures'> {
    this.#age += 1;
    this.#silent += 1;
    // If the worker does not read, no further heartbeat is queued.
    if (!this.#sendingHeartbeat) {
      this.#sendingHeartbeat = true;
      this.send({ type: 'heartbeat' }, () => {
        this.#sendingHeartbeat = false;
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

  /** Asks the worker to finish its open requests and exit; kills it `graceMs` after the limit. */
  drain(reason: 'stop' | 'replaced', limitMs: number, graceMs: number): void {
    this.#state = 'draining';
    this.send({ type: 'drain', reason, limitMs });
    this.#clock.after(limitMs + graceMs, () => this.kill());
  }

  /** Disconnects without a message: the worker becomes an orphan, and this process can end. */
  detach(): void {
    const { process: child } = this.#worker;
    if (child.connected) child.disconnect();
    child.unref();
    this.#pipe.destroy();
  }

  kill(): void {
    if (this.#pending.has('exit')) this.#worker.process.kill('SIGKILL');
  }

  #listen(): void {
    this.#worker.on('message', (value: unknown) => {
      const message = readWorkerMessage(value);
      if (message === 'foreign' || this.#isBroken) return;
      if (message === 'broken') {
        this.#isBroken = true;
        this.#log.error({ worker: this.slot, pid: this.pid }, 'a worker sent a broken message and is killed');
        this.kill();
        return;
      }
      this.#silent = 0;
      if (message.type === 'heartbeat') {
        this.#inFlight = message.inFlight;
        this.#traffic = message.traffic ?? [];
        this.#silentProviders = message.silent ?? [];
      }
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

  #onError(error: Error): void {
    this.#log.debug({ worker: this.slot, pid: this.pid, ...errorFields(error) }, 'channel to a worker failed');
    // No process was made, so no `exit` or `disconnect` will follow.
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
