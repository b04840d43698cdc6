/**
 * Collects the workers' answers to a new configuration. A worker that refuses or does not answer in time is reported so
 * that it is replaced, since it must not keep serving the old configuration.
 */
import type { Clock } from '../../shared/clock.ts';

const LIMIT_MS = 5_000;

interface Round {
  readonly version: number;
  readonly waiting: Set<string>;
  readonly late: Set<string>;
  readonly done: () => void;
}

export class ConfigAcks {
  readonly #clock: Clock;
  #round: Round | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with the workers that refused or did not answer within 5 s, without those that ended meanwhile. */
  collect(version: number, workerIds: readonly string[]): Promise<readonly string[]> {
    const { promise, resolve } = Promise.withResolvers<readonly string[]>();
    const late = new Set<string>();
    const waiting = new Set(workerIds);
    const done = () => {
      timer.cancel();
      this.#round = null;
      resolve([...late, ...waiting]);
    };
    const timer = this.#clock.after(LIMIT_MS, done);
    this.#round = { version, waiting, late, done };
    this.#settle();
    return promise;
  }

  /** A worker has answered. */
  answered(workerId: string, version: number, refused: boolean): void {
    if (this.#round?.version !== version || !this.#round.waiting.delete(workerId)) return;
    if (refused) this.#round.late.add(workerId);
    this.#settle();
  }

  /** A worker has ended, so its answer is no longer needed. */
  gone(workerId: string): void {
    this.#round?.waiting.delete(workerId);
    this.#settle();
  }

  #settle(): void {
    if (this.#round?.waiting.size === 0) this.#round.done();
  }
}
