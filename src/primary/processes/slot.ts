/**
 * One slot: its current worker, the successor that is starting, and what follows when one of them dies.
 *
 *   empty ── fork ──► current starting ── ready ──► current ready ── died ──► empty (after the back-off)
 *   current ready + replace ──► successor starting ── ready ──► successor is current, the old one drains
 *                                                  └─ died ──► the old one stays, the replacement has failed
 *
 * A slot holds at most one current worker and one successor. It forgets a worker that drains.
 */
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { CRASH_LOOP, nextRestart, STABLE_MS } from './restart-backoff.ts';

/** The socket of a dead worker stays open so long for the next worker. */
const SOCKET_WAIT_MS = 1_000;

/** What a slot needs to know of a worker. */
export interface SlotWorker {
  readonly state: 'starting' | 'ready' | 'draining';
  /** How long it has been ready in ms, 0 if never. */
  readonly readyForMs: number;
}

interface SlotActions<W extends SlotWorker> {
  /** Forks a worker for this slot; throws when that is impossible now. */
  fork(): W;
  /** Replaces the slot's socket when nobody accepts on it, so that no connection waits there. */
  renewSocket(): void;
  /** Drains a worker that was replaced. */
  retire(worker: W): void;
}

/** The outcome of a replacement. `refilling`: the slot was empty and gets a new worker anyway. */
export type Replaced = 'replaced' | 'refilling' | 'stopped';

/** A successor did not become ready; the old worker keeps serving. */
export class ReplacementError extends Error {
  override readonly name = 'ReplacementError';
}

interface Replacement<W> {
  readonly worker: W;
  readonly done: Promise<Replaced>;
  readonly resolve: (outcome: Replaced) => void;
  readonly reject: (error: Error) => void;
}

export class Slot<W extends SlotWorker> {
  readonly index: number;
  readonly #actions: SlotActions<W>;
  readonly #clock: Clock;
  readonly #log: Log;
  #current: W | null = null;
  #replacement: Replacement<W> | null = null;
  #restart: Timer | null = null;
  /** Until the socket of a slot without a ready worker is renewed. */
  #renewal: Timer | null = null;
  #failures = 0;
  #stopped = false;

  constructor(index: number, actions: SlotActions<W>, clock: Clock, log: Log) {
    this.index = index;
    this.#actions = actions;
    this.#clock = clock;
    this.#log = log;
  }

  /** Whether its current worker takes requests. */
  get ready(): boolean {
    return this.#current?.state === 'ready';
  }

  /** Deaths of its workers in a row. Each worker but the first of them died before it was stable. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether its workers repeatedly die before they are stable. */
  get crashLooping(): boolean {
    return this.#failures >= CRASH_LOOP && (this.#current?.readyForMs ?? 0) < STABLE_MS;
  }

  /** Forks the slot's worker; retries when the fork fails. */
  start(): void {
    try {
      this.#current = this.#actions.fork();
      this.#renewUnlessReady();
    } catch (error) {
      this.#log.error({ worker: this.index, err: error }, 'a worker could not be forked');
      this.#refill(0);
    }
  }

  /**
   * Starts a successor, then drains the old worker. Rejects with `ReplacementError` when the successor fails. During a
   * replacement, returns the promise of that one. Does nothing for an empty slot, which gets a new worker anyway.
   */
  replace(): Promise<Replaced> {
    if (this.#replacement !== null) return this.#replacement.done;
    if (this.#stopped) return Promise.resolve('stopped');
    if (this.#current === null) return Promise.resolve('refilling');
    let worker: W;
    try {
      worker = this.#actions.fork();
    } catch (error) {
      return Promise.reject(new ReplacementError(`slot ${this.index}: no successor could be forked`, { cause: error }));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Replaced>();
    this.#replacement = { worker, done: promise, resolve, reject };
    return promise;
  }

  /** A worker of this slot has reported that it listens. */
  onReady(worker: W): void {
    if (worker !== this.#replacement?.worker) return;
    const { resolve } = this.#replacement;
    const old = this.#current;
    this.#current = worker;
    this.#replacement = null;
    if (old !== null) this.#actions.retire(old);
    resolve('replaced');
  }

  /** A worker of this slot has ended: the current one, the successor, or one that drained. */
  onExit(worker: W): void {
    if (worker === this.#replacement?.worker) {
      const { resolve, reject } = this.#replacement;
      this.#replacement = null;
      // A stop ends successors that are not ready: nothing has failed.
      if (this.#stopped) resolve('stopped');
      else reject(new ReplacementError(`slot ${this.index}: the successor ended before it was ready`));
      if (this.#current === null) this.#refill(0);
      return;
    }
    if (worker !== this.#current) return;
    this.#current = null;
    // A successor that is already starting becomes the current worker when it is ready.
    if (this.#replacement === null) this.#refill(worker.readyForMs);
    else this.#renewUnlessReady();
  }

  /** Forks no more workers. */
  stop(): void {
    this.#stopped = true;
    this.#restart?.cancel();
    this.#renewal?.cancel();
  }

  /** Mostly a successor is ready in less, and connections that wait for it in the socket's queue are kept. */
  #renewUnlessReady(): void {
    this.#renewal?.cancel();
    this.#renewal = this.#clock.after(SOCKET_WAIT_MS, () => {
      if (!this.ready) this.#actions.renewSocket();
    });
  }

  #refill(readyForMs: number): void {
    if (this.#stopped) return;
    const { delayMs, failures } = nextRestart(this.#failures, readyForMs);
    this.#failures = failures;
    if (delayMs === 0) {
      this.start();
      return;
    }
    this.#actions.renewSocket();
    this.#log.warn(
      { worker: this.index, delayMs, failures },
      'workers of this slot keep dying, waiting before the next',
    );
    this.#restart = this.#clock.after(delayMs, () => this.start());
  }
}
