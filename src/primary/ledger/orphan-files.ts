/**
 * Takes over the numbers of workers that outlived a former primary: they write their whole registry to a file each
 * second, which is read at each scrape. When such a worker's process is gone, its last file is folded into retired,
 * and deleted only after the checkpoint says so. A file that the checkpoint does not name has been folded already, or is
 * foreign.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { type FailuresLeft, readFailuresLeft } from '../../shared/failure-report.ts';
import { systemCode } from '../../shared/host/system-code.ts';
import type { Snapshot } from '../../shared/ipc.ts';
import { errorFields, type Log } from '../../shared/log.ts';
import { openOwnFile } from '../../shared/state/own-file.ts';
import { checkOwnFolder } from '../../shared/state/own-folder.ts';
import { finishedNameOf, isOrphanNumbers, orphanIdOf, orphanPath } from '../../shared/state/state-files.ts';
import { isRunning } from '../host/process-identity.ts';
import type { CarryOver } from './carry-over.ts';
import type { LivingWorker } from './checkpoint.ts';
import type { MetricsLedger } from './metrics-ledger.ts';
import { yielding } from './yield.ts';

/** After so long, scrapes are answered even if an orphan has left no file yet. */
const SETTLE_WITHIN_MS = 3000;

interface OrphanFilesOptions {
  /** `stateFolder` of this gateway. */
  readonly folder: string;
  readonly ledger: MetricsLedger;
  readonly carryOver: CarryOver;
  /** Told the last failures of a worker each time that its file has changed. */
  readonly failed?: (workerId: string, left: FailuresLeft) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether a process runs; for tests. */
  readonly runs?: typeof isRunning;
}

/** Returns whether the numbers of a former primary's worker can still be had: it runs, or it has left its file. */
export function numbersIn(folder: string, runs = isRunning): (worker: LivingWorker) => boolean {
  // In this order: a worker that ends in between has written its file before.
  return ({ id, pid, start }) => runs(pid, start) || existsSync(orphanPath(folder, id));
}

/** The files of a former primary's workers. */
export class OrphanFiles {
  readonly #options: OrphanFilesOptions;
  readonly #startedAtMs: number;
  /** Per worker, which version of its file was read last. */
  readonly #versions = new Map<string, string>();
  readonly #found = new Set<string>();
  readonly #warned = new Set<string>();
  #settled = false;
  #reading: Promise<void> | null = null;

  constructor(options: OrphanFilesOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.nowMs();
    this.#settled = options.ledger.orphans().length === 0;
    this.#removeUnnamed();
  }

  /** Whether the numbers of all orphans are known as well as they can be; until then no total may be shown. */
  get settled(): boolean {
    return this.#settled;
  }

  /** The workers whose process runs: the account of one that has ended stays open until the next scrape. */
  living(): LivingWorker[] {
    const { ledger, runs = isRunning } = this.#options;
    return ledger.orphans().filter(({ pid, start }) => runs(pid, start));
  }

  /** Reads what is new and folds those that are gone. Calls made meanwhile share it. It never rejects. */
  read(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  /**
   * Reads the file of one of this primary's own workers, if it has left one: it does when its channel broke and the
   * primary lived on. To be called before its account is closed.
   */
  async lastWords(workerId: string): Promise<void> {
    const snapshot = await this.#readNew(workerId);
    if (snapshot !== null) this.#options.ledger.snapshot(snapshot);
  }

  /** Removes the file that `lastWords` has read, if it did. To be called when the checkpoint has its numbers. */
  forget(workerId: string): void {
    if (!this.#versions.delete(workerId)) return;
    rmSync(orphanPath(this.#options.folder, workerId), { force: true });
  }

  async #readAll(): Promise<void> {
    const { ledger, clock, runs = isRunning } = this.#options;
    const yieldTurn = yielding(clock);
    let lost = 0;
    for (const { id, pid, start, counted } of ledger.orphans()) {
      // Asked before reading: the file of one that is gone has its last word then.
      const running = runs(pid, start);
      const snapshot = await this.#readNew(id);
      if (snapshot !== null) {
        ledger.snapshot(snapshot);
        this.#found.add(id);
      }
      if (!running) {
        if (counted && !this.#found.has(id)) lost += 1;
        await this.#foldGone(id);
      }
      await yieldTurn();
    }
    if (lost > 0) ledger.reportLost(lost);
    this.#settled ||= this.#areAllKnown();
  }

  async #foldGone(id: string): Promise<void> {
    const { ledger, folder, log } = this.#options;
    try {
      const written = await ledger.close(id);
      // Until the checkpoint says that it is folded, a successor would need the file.
      if (written) rmSync(orphanPath(folder, id), { force: true });
    } catch (error) {
      // Its account is closed, so nobody comes here twice; the next start removes a file that the checkpoint does not name.
      log.warn({ ...errorFields(error), workerId: id }, 'an orphan that is gone could not be cleared away');
    }
  }

  #areAllKnown(): boolean {
    const { ledger, clock } = this.#options;
    const isLate = clock.nowMs() - this.#startedAtMs >= SETTLE_WITHIN_MS;
    return isLate || ledger.orphans().every(({ id }) => this.#found.has(id));
  }

  /** The file of a worker if it was not read in this version yet; null when there is nothing new to know. */
  async #readNew(id: string): Promise<Snapshot | null> {
    const file = orphanPath(this.#options.folder, id);
    try {
      const { mtimeMs, size, ino } = await lstat(file);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (this.#versions.get(id) === version) return null;
      const json: unknown = JSON.parse(await read(file));
      if (!isOrphanNumbers(json) || json.workerId !== id) throw new TypeError('it holds no numbers of that worker');
      this.#versions.set(id, version);
      const left = readFailuresLeft(json.failures);
      if (left !== null) this.#options.failed?.(id, left);
      const { workerId, sequence } = json;
      return { workerId, sequence, metrics: this.#options.carryOver.accept(json.metrics, file) };
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      if (!this.#warned.has(id))
        this.#options.log.warn({ ...errorFields(error), file }, "an orphan's file cannot be read");
      this.#warned.add(id);
      return null;
    }
  }

  /** Removes files of workers that the checkpoint does not name, and what a writer left that died while it wrote. */
  #removeUnnamed(): void {
    const { folder, ledger, log } = this.#options;
    const named = new Set(ledger.orphans().map(({ id }) => id));
    const removed: string[] = [];
    try {
      checkOwnFolder(folder);
      for (const name of readdirSync(folder)) {
        const finished = finishedNameOf(name);
        const id = orphanIdOf(finished ?? name);
        const isLeft = id === null ? finished !== null : !named.has(id);
        if (!isLeft) continue;
        rmSync(path.join(folder, name), { force: true });
        if (id !== null && finished === null) removed.push(name);
      }
      if (removed.length > 0)
        log.warn({ folder, files: removed }, 'numbers of workers that the checkpoint does not name are removed');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      log.warn({ ...errorFields(error), folder }, 'old files in the state folder cannot be removed');
    }
  }
}

async function read(file: string): Promise<string> {
  const handle = await openOwnFile(file);
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
