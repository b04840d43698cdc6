/**
 * What is still to be written when a worker has ended: that it has, and its account. The ledger may end only after it.
 * Nothing here can fail a stop: what cannot be written is logged.
 */
import type { Log } from '../../shared/log.ts';
import type { MetricJson } from '../../shared/metrics/prom.ts';
import type { MetricsLedger } from './metrics-ledger.ts';
import type { OrphanFiles } from './orphan-files.ts';

interface LastCountsOptions {
  readonly ledger: MetricsLedger;
  readonly orphans: OrphanFiles;
  /** Reads the primary's own counters. */
  readonly readCounters: () => Promise<readonly MetricJson[]>;
  readonly log: Log;
}

/** One per gateway. */
export class LastCounts {
  readonly #options: LastCountsOptions;
  readonly #writing = new Set<Promise<unknown>>();

  constructor(options: LastCountsOptions) {
    this.#options = options;
  }

  /** Writes the count of an exit at once: this process may be the next to die, before any scrape. */
  workerExited(): void {
    this.#begin(this.#keepCounters());
  }

  /** Closes the account of a worker of which nothing more is to be read. */
  workerGone(workerId: string): void {
    this.#begin(this.#closeAccount(workerId));
  }

  /** Resolves when all that was begun by now is written. */
  async written(): Promise<void> {
    await Promise.all(this.#writing);
  }

  #begin(task: Promise<void>): void {
    const done = task.finally(() => this.#writing.delete(done));
    this.#writing.add(done);
  }

  async #keepCounters(): Promise<void> {
    const { ledger, readCounters, log } = this.#options;
    try {
      ledger.keepOwn(await readCounters());
    } catch (error) {
      log.error({ err: error }, 'the count of an ended worker could not be kept');
    }
  }

  async #closeAccount(workerId: string): Promise<void> {
    const { ledger, orphans, log } = this.#options;
    try {
      await orphans.lastWords(workerId);
      if (await ledger.close(workerId)) orphans.forget(workerId);
    } catch (error) {
      log.error({ err: error, workerId }, 'the account of an ended worker could not be closed');
    }
  }
}
