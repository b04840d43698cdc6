/**
 * One place among the workers: who fills it now, who is about to, and what follows when one of them dies.
 *
 *   empty ── fork ──► current starting ── ready ──► current ready ── died ──► empty (after the back-off)
 *   current ready + replace ──► successor starting ── ready ──► successor is current, the old one drains
 *                                                  └─ died ──► the old one stays, the replacement has failed
 *
 * It holds at most one current worker and one successor; those that drain are no longer its concern.
 */
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { CRASH_LOOP, nextRestart, STABLE_MS } from './restart-backoff.ts';

/** The socket of a dead worker waits so long for the next one to take its connections. */
const TAKEN_WITHIN_MS = 1_000;

/** What a slot asks of its workers. */
export interface SlotWorker {
  readonly state: 'starting' | 'ready' | 'draining';
  /** How long it has been ready, 0 if never. */
  readonly readyForMs: number;
}

interface SlotActions<W extends SlotWorker> {
  /** Makes a worker for this slot; throws when that is impossible now. */
  fork(): W;
  /** Nobody takes connections of the slot's socket, which must not swallow them: it gets a fresh one. */
  renewSocket(): void;
  /** Lets the worker go that was replaced. */
  retire(worker: W): void;
}

/** What a replacement came to; `refilling`: the slot was empty, and whoever fills it is new anyway. */
export type Replaced = 'replaced' | 'refilling' | 'stopped';

/** A successor did not become ready; the worker before it goes on. */
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

  /** Whether a worker of it takes requests. */
  get ready(): boolean {
    return this.#current?.state === 'ready';
  }

  /** Deaths of its workers in a row, each but the first of one that was not stable. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether its workers keep dying young. */
  get crashLooping(): boolean {
    return this.#failures >= CRASH_LOOP && (this.#current?.readyForMs ?? 0) < STABLE_MS;
  }

  /** Fills the slot. */
  start(): void {
    try {
      this.#current = this.#actions.fork();
      this.#renewUnlessReady();
    } catch (error) {
      this.#log.error({ slot: this.index, err: error }, 'a worker could not be forked');
      this.#refill(0);
    }
  }

  /**
   * Replaces the worker, successor first. Rejects with `ReplacementError` when the successor fails; a replacement that
   * is under way is joined. An empty slot is left to its refilling.
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

  /** A worker of this slot has said that it listens. */
  onReady(worker: W): void {
    if (worker !== this.#replacement?.worker) return;
    const { resolve } = this.#replacement;
    const old = this.#current;
    this.#current = worker;
    this.#replacement = null;
    if (old !== null) this.#actions.retire(old);
    resolve('replaced');
  }

  /** A worker of this slot has ended, whoever it was. */
  onExit(worker: W): void {
    if (worker === this.#replacement?.worker) {
      const { reject } = this.#replacement;
      this.#replacement = null;
      reject(new ReplacementError(`slot ${this.index}: the successor ended before it was ready`));
      if (this.#current === null) this.#refill(0);
      return;
    }
    if (worker !== this.#current) return;
    this.#current = null;
    // A successor that is already starting takes over by itself.
    if (this.#replacement === null) this.#refill(worker.readyForMs);
    else this.#renewUnlessReady();
  }

  /** Forks nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#restart?.cancel();
    this.#renewal?.cancel();
  }

  /** Mostly a successor is ready in less, and connections that wait for it in the socket's queue are kept. */
  #renewUnlessReady(): void {
    this.#renewal?.cancel();
    this.#renewal = this.#clock.after(TAKEN_WITHIN_MS, () => {
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
    this.#log.warn({ slot: this.index, delayMs, failures }, 'workers of this slot keep dying, waiting before the next');
    this.#restart = this.#clock.after(delayMs, () => this.start());
  }
}
