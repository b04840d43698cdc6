/**
 * The checkpoint: what a successor needs to go on counting after this primary is gone. One small file, written whole
 * when a worker starts, first counts or ends, when the primary's own counters or a circuit change, and when somebody has
 * removed it, which is looked for each second; else never per second or per scrape, unless the last writing failed.
 *
 * Another version may have written it: each metric that this version can add to is carried over (`carry-over.ts`). A
 * broken file, or one of another host, is refused with one log line. A folder that cannot be written costs a warning
 * and `llm_state_writable`, never the service.
 */
import { lstatSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isSavedCircuits, type SavedCircuits } from '../../shared/circuits/saved-circuits.ts';
import { isCount } from '../../shared/event-guard.ts';
import { systemCode } from '../../shared/host/system-code.ts';
import { asRecord, parseJson } from '../../shared/json.ts';
import { errorFields, type Log } from '../../shared/log.ts';
import type { MetricJson } from '../../shared/metrics/prom.ts';
import { readOwnFile, writeWhole } from '../../shared/state/own-file.ts';
import { checkOwnFolder, ensureOwnFolder } from '../../shared/state/own-folder.ts';
import { CHECKPOINT_FILE, isWorkerId } from '../../shared/state/state-files.ts';
import { hostIdentity, isThisBoot } from '../host/process-identity.ts';
import type { CarryOver } from './carry-over.ts';

/** A worker whose numbers are not in `retired` yet. */
export interface LivingWorker {
  readonly id: string;
  readonly slot: number;
  readonly pid: number;
  /** Of `processStart`. */
  readonly start: string | null;
  /** Whether the primary has seen any of its numbers: if it leaves no file, some were lost. */
  readonly counted: boolean;
}

export interface CheckpointState {
  /** Folded totals of the workers that are gone, and of former primaries. */
  readonly retired: readonly MetricJson[];
  /** The primary's own counters. */
  readonly own: readonly MetricJson[];
  readonly living: readonly LivingWorker[];
  /** Null: none are known. */
  readonly circuits: SavedCircuits | null;
  /** Names the time in which totals only grow; null: the version that wrote it had none. */
  readonly epoch: string | null;
}

/** The same as it is read, whichever version wrote it; its metrics are judged one by one. */
interface CheckpointFile {
  readonly host: string;
  readonly retired: readonly unknown[];
  readonly own: readonly unknown[];
  readonly living: readonly LivingWorker[];
  /** Versions without circuits in their checkpoint leave it out. */
  readonly circuits?: unknown;
  /** So do those without spend books. */
  readonly epoch?: unknown;
}

interface CheckpointOptions {
  /** `stateFolder` of this gateway; made when first written. */
  readonly folder: string;
  readonly carryOver: CarryOver;
  readonly log: Log;
}

/** The file of one gateway. Its primary alone reads and writes it. */
export class Checkpoint {
  readonly #path: string;
  readonly #carryOver: CarryOver;
  readonly #log: Log;
  readonly #host = hostIdentity();
  /** Why the last writing failed: the system's code or a message; null if it worked, and before the first. */
  #problem: string | null = null;
  #ended = false;

  constructor({ folder, carryOver, log }: CheckpointOptions) {
    this.#path = path.join(folder, CHECKPOINT_FILE);
    this.#carryOver = carryOver;
    this.#log = log;
  }

  /** Whether the last writing worked; true before the first. */
  get writable(): boolean {
    return this.#problem === null;
  }

  /** Why it did not: the system's code, such as `ENOSPC`, or else a message; null if it worked. */
  get problem(): string | null {
    return this.#problem;
  }

  /**
   * Whether the file on the disk says what was last to be written: a writing may have failed, and somebody may have
   * removed the file, or the folder. One look.
   */
  get current(): boolean {
    if (!this.writable) return false;
    try {
      return lstatSync(this.#path, { throwIfNoEntry: false })?.isFile() ?? false;
    } catch (error) {
      // A folder that was closed to us: writing says what is wrong with it.
      if (systemCode(error) !== null) return false;
      throw error;
    }
  }

  /** The checkpoint of a predecessor that was not stopped cleanly; null when there are none to go on from. */
  read(): CheckpointState | null {
    let text: string;
    try {
      text = readOwnFile(this.#path);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      return this.#refuse('it cannot be read', error);
    }
    const checkpoint = parseJson(text);
    if (checkpoint === undefined) return this.#refuse('the file is broken');
    if (!isCheckpoint(checkpoint)) return this.#refuse('the file is broken');
    if (!isThisBoot(checkpoint.host)) return this.#refuse('it is from another host, or from before the last boot');
    const { retired, own, living, circuits, epoch } = checkpoint;
    const accept = (metrics: readonly unknown[]) => this.#carryOver.accept(metrics, this.#path);
    const known = isSavedCircuits(circuits) ? circuits : null;
    return {
      retired: accept(retired),
      own: accept(own),
      living,
      circuits: known,
      epoch: typeof epoch === 'string' ? epoch : null,
    };
  }

  /** Puts `state` in the place of what was there; says whether it is on the disk. After `remove` nothing is written. */
  write(state: CheckpointState): boolean {
    if (this.#ended) return this.writable;
    try {
      ensureOwnFolder(path.dirname(this.#path));
      writeWhole(this.#path, JSON.stringify({ host: this.#host, ...state }));
      if (!this.writable) this.#log.info({ file: this.#path }, 'state_dir can be written again');
      this.#problem = null;
    } catch (error) {
      if (this.writable) {
        this.#log.warn(
          { ...errorFields(error), file: this.#path },
          'state_dir cannot be written: a crash would lose the counts so far',
        );
      }
      // A folder of another user has no code, but a message that says so.
      this.#problem = systemCode(error) ?? (error instanceof Error ? error.message : 'an error');
    }
    return this.writable;
  }

  /** Takes the checkpoint away, for the next start to begin from 0. */
  remove(): void {
    // A scrape that is still under way must not bring it back.
    this.#ended = true;
    try {
      checkOwnFolder(path.dirname(this.#path));
      rmSync(this.#path, { force: true });
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      this.#log.warn(
        { ...errorFields(error), file: this.#path },
        'the checkpoint cannot be removed: the next start would continue from it',
      );
    }
  }

  #refuse(reason: string, error?: unknown): null {
    const cause = error === undefined ? {} : errorFields(error);
    this.#log.warn({ ...cause, file: this.#path }, `checkpoint refused, counters begin at 0: ${reason}`);
    return null;
  }
}

function isCheckpoint(value: unknown): value is CheckpointFile {
  const { host, retired, own, living } = asRecord(value) ?? {};
  return (
    typeof host === 'string' &&
    Array.isArray(retired) &&
    Array.isArray(own) &&
    Array.isArray(living) &&
    living.every(isLivingWorker)
  );
}

function isLivingWorker(value: unknown): value is LivingWorker {
  const { id, slot, pid, start, counted } = asRecord(value) ?? {};
  return (
    isWorkerId(id) &&
    isCount(slot) &&
    isCount(pid) &&
    pid > 0 &&
    (typeof start === 'string' || start === null) &&
    typeof counted === 'boolean'
  );
}
