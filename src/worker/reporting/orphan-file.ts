/**
 * Writes the counts and the last failures of an orphan to a file, for the next primary: immediately, each second, and at the end. The file is
 * written synchronously and replaced as a whole, so a death at any moment leaves the last complete state.
 */
import path from 'node:path';
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorFields, type Log } from '../../shared/log.ts';
import type { Registry } from '../../shared/metrics/prom.ts';
import { writeWhole } from '../../shared/state/own-file.ts';
import { ensureOwnFolder } from '../../shared/state/own-folder.ts';
import { type OrphanNumbers, orphanPath } from '../../shared/state/state-files.ts';
import { capture } from './capture.ts';
import type { FailureReports } from './failure-reports.ts';
import type { Outbox } from './outbox.ts';

const PERIOD_MS = 1000;

interface OrphanFileOptions {
  /** `stateFolder` of this gateway; created if missing. */
  readonly folder: string;
  readonly workerId: string;
  readonly registry: Registry;
  readonly outbox: Outbox;
  readonly failures: Pick<FailureReports, 'left'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The file of one orphan. */
export class OrphanFile {
  readonly #options: OrphanFileOptions;
  readonly #path: string;
  #timer: Timer | null = null;
  #warned = false;

  constructor(options: OrphanFileOptions) {
    this.#options = options;
    this.#path = orphanPath(options.folder, options.workerId);
  }

  /** Writes immediately, then each second. Resolves after the first write; it never rejects. */
  start(): Promise<void> {
    this.#timer ??= this.#options.clock.every(PERIOD_MS, () => void this.#write());
    return this.#write();
  }

  /** Writes for the last time. */
  final(): Promise<void> {
    this.#timer?.cancel();
    return this.#write();
  }

  async #write(): Promise<void> {
    const { registry, outbox, failures, workerId, log } = this.#options;
    try {
      const { text } = await capture(registry, outbox, (sequence, metrics) =>
        JSON.stringify({ workerId, sequence, metrics, failures: failures.left() } satisfies OrphanNumbers),
      );
      ensureOwnFolder(path.dirname(this.#path));
      writeWhole(this.#path, text);
    } catch (error) {
      if (!this.#warned) {
        log.warn(errorFields(error), 'this worker has no primary and cannot write its counts to its file');
      }
      this.#warned = true;
    }
  }
}
