/**
 * The primary's ledger: an account for each worker that lives (or was left by a former primary and may still), and
 * `retired`, the folded totals of those that are gone. A number is in exactly one of them at any moment.
 *
 * Replaying a tail takes time, so a closed account is shown as it is until its replay is ready; then retired and
 * accounts change together in one turn, and the checkpoint is on the disk before anybody can read the change.
 */
import { randomUUID } from 'node:crypto';
import type { SavedCircuits } from '../../shared/circuits/saved-circuits.ts';
import type { Clock } from '../../shared/clock.ts';
import type { WorkerEvent } from '../../shared/events.ts';
import type { Snapshot } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import { fold, lasting } from '../../shared/metrics/fold.ts';
import type { MetricJson } from '../../shared/metrics/prom.ts';
import { processStart } from '../host/process-identity.ts';
import type { Checkpoint, CheckpointState, LivingWorker } from './checkpoint.ts';
import { replay } from './replay.ts';
import { type TailPiece, WorkerAccount } from './worker-account.ts';
import { yielding } from './yield.ts';

const MAX_TAIL_EVENTS = 10_000;

interface MetricsLedgerOptions {
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the numbers of a former primary's worker are still to be had: it runs, or has left its file. Default: yes. */
  readonly hasNumbers?: (worker: LivingWorker) => boolean;
  /** A tail that long is folded into its worker's base. Default 10,000. */
  readonly maxTailEvents?: number;
}

interface Entry {
  readonly id: string;
  readonly slot: number;
  readonly pid: number;
  readonly start: string | null;
  readonly orphan: boolean;
  readonly account: WorkerAccount;
  counted: boolean;
  /** When its last snapshot came, or else when it was opened. */
  snapshotAtMs: number;
  snapshots: number;
  compacting: boolean;
  closed: boolean;
}

/** One worker's numbers at one moment. */
interface WorkerNumbers {
  readonly workerId: string;
  readonly slot: number;
  readonly snapshotAgeMs: number;
  readonly base: readonly MetricJson[];
  readonly tail: readonly TailPiece[];
}

/** Everything the ledger knows, at one moment. */
export interface LedgerView {
  readonly retired: readonly MetricJson[];
  readonly workers: readonly WorkerNumbers[];
}

/** The accounts of all workers. */
export class MetricsLedger {
  readonly #checkpoint: Checkpoint;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #maxTailEvents: number;
  readonly #entries = new Map<string, Entry>();
  readonly #snapshotListeners = new Set<() => void>();
  #retired: readonly MetricJson[] = [];
  #own: readonly MetricJson[] = [];
  #ownText = '[]';
  #circuits: SavedCircuits | null = null;
  #epoch: string = randomUUID();

  /** Goes on from the checkpoint of a predecessor, if there is one; its workers become orphans' accounts. */
  constructor(options: MetricsLedgerOptions) {
    const { checkpoint, clock, log, hasNumbers = () => true, maxTailEvents = MAX_TAIL_EVENTS } = options;
    this.#checkpoint = checkpoint;
    this.#clock = clock;
    this.#log = log;
    this.#maxTailEvents = maxTailEvents;
    const found = checkpoint.read();
    if (found === null) return;
    this.#circuits = found.circuits;
    this.#continue(found, hasNumbers);
  }

  /**
   * Decides which numbers of the former generation continue: here, before this one has any, so that no number of this
   * one can ever be taken back.
   */
  #continue({ retired, own, living, epoch }: CheckpointState, hasNumbers: (worker: LivingWorker) => boolean): void {
    const left = living.filter(hasNumbers);
    const lost = living.filter((worker) => worker.counted && !left.includes(worker)).length;
    for (const worker of left) this.#add(worker, true);
    if (lost > 0 && !left.some(({ counted }) => counted)) {
      // A total that is only a little less than the last one shown would be taken for a restart, and added as new.
      this.#log.warn({ workers: lost }, 'all workers died with the last primary: counters begin at 0');
      return;
    }
    if (lost > 0) this.reportLost(lost);
    if (epoch !== null) this.#epoch = epoch;
    this.#retired = fold([retired, own]);
  }

  /** Logs that orphans are gone without a file, whose numbers the former primary had seen. */
  reportLost(workers: number): void {
    this.#log.warn({ workers }, 'workers died with the last primary and left no file: their counts are lost');
  }

  /** Opens the account of a worker just forked. The checkpoint names it before it can count anything. */
  open(workerId: string, slot: number, pid: number): void {
    this.#add({ id: workerId, slot, pid, start: processStart(pid), counted: false }, false);
    this.#save();
  }

  /** Takes a message of events; repeated ones and those of a closed account change nothing. */
  events(workerId: string, first: number, events: readonly WorkerEvent[]): void {
    const entry = this.#living(workerId);
    if (entry === undefined) return;
    entry.account.append(first, events);
    this.#count(entry);
    if (entry.account.tailLength >= this.#maxTailEvents && !entry.compacting) this.#compact(entry);
  }

  /** Takes a snapshot, whether it is behind or ahead of the events that have come. */
  snapshot({ workerId, sequence, metrics }: Snapshot): void {
    const entry = this.#living(workerId);
    if (entry === undefined) return;
    entry.account.rebase({ sequence, metrics });
    entry.snapshotAtMs = this.#clock.nowMs();
    entry.snapshots += 1;
    if (sequence > 0) this.#count(entry);
    for (const listener of this.#snapshotListeners) listener();
  }

  /**
   * Closes the account of a worker that is gone: its exit and its disconnect were seen and both of its pipes read to
   * their end. Resolves when its numbers are in `retired` and the checkpoint says so; false if they could not be written.
   */
  async close(workerId: string): Promise<boolean> {
    const entry = this.#living(workerId);
    if (entry === undefined) return this.#checkpoint.writable;
    entry.closed = true;
    for (const listener of this.#snapshotListeners) listener();
    const { base } = entry.account;
    const replayed = await replay(entry.account.tail(), yielding(this.#clock));
    // From here to the end in one turn: a scrape sees the worker's numbers either in its account or in retired.
    this.#retired = fold([this.#retired, lasting(base.metrics), replayed]);
    this.#entries.delete(workerId);
    return this.#save();
  }

  /** All numbers at this moment, as lists that stay as they are. */
  view(): LedgerView {
    const nowMs = this.#clock.nowMs();
    const workers = [...this.#entries.values()].map(({ id, slot, account, snapshotAtMs }) => ({
      workerId: id,
      slot,
      snapshotAgeMs: nowMs - snapshotAtMs,
      base: account.base.metrics,
      tail: account.tail(),
    }));
    return { retired: this.#retired, workers };
  }

  /** Names the time in which totals only grow: of this primary and those that it continues. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Age of a worker's last snapshot in ms, or of its account when none has come; null for an unknown worker. */
  snapshotAgeMs(workerId: string): number | null {
    const entry = this.#entries.get(workerId);
    return entry === undefined ? null : this.#clock.nowMs() - entry.snapshotAtMs;
  }

  /** How many snapshots of a worker have come; null when its account is closed or was never opened. */
  snapshotsOf(workerId: string): number | null {
    return this.#living(workerId)?.snapshots ?? null;
  }

  /** Calls `listener` at each snapshot and each closing, until the function returned is called. */
  onSnapshot(listener: () => void): () => void {
    this.#snapshotListeners.add(listener);
    return () => this.#snapshotListeners.delete(listener);
  }

  /** The workers of a former primary whose numbers are not in `retired` yet. */
  orphans(): LivingWorker[] {
    return [...this.#entries.values()].filter((entry) => entry.orphan && !entry.closed);
  }

  /** Whether the checkpoint could be written the last time. */
  get writable(): boolean {
    return this.#checkpoint.writable;
  }

  /** Why it could not: the system's code, or else a message; null if it could. */
  get stateProblem(): string | null {
    return this.#checkpoint.problem;
  }

  /**
   * Keeps the primary's own counters in the checkpoint. To be called before they are shown, and when a worker has ended;
   * writes only if they changed.
   */
  keepOwn(metrics: readonly MetricJson[]): void {
    const own = lasting(metrics);
    const text = JSON.stringify(own);
    if (text === this.#ownText) return;
    this.#own = own;
    this.#ownText = text;
    this.#save();
  }

  /** The state of circuits and cooldowns as it was kept last, at the start by a predecessor; null where there is none. */
  get circuits(): SavedCircuits | null {
    return this.#circuits;
  }

  /** Keeps the state of circuits and cooldowns in the checkpoint. */
  keepCircuits(circuits: SavedCircuits): void {
    this.#circuits = circuits;
    this.#save();
  }

  /**
   * Writes the checkpoint anew where the last writing failed, or where somebody has removed it. To be called at each
   * scrape and each second; mostly it is one look.
   */
  keepCheckpoint(): void {
    if (!this.#checkpoint.current) this.#save();
  }

  /** A clean stop: the next primary begins from 0. */
  end(): void {
    this.#checkpoint.remove();
  }

  #add(worker: LivingWorker, orphan: boolean): void {
    this.#entries.set(worker.id, {
      ...worker,
      orphan,
      account: new WorkerAccount(),
      snapshotAtMs: this.#clock.nowMs(),
      snapshots: 0,
      compacting: false,
      closed: false,
    });
  }

  #living(workerId: string): Entry | undefined {
    const entry = this.#entries.get(workerId);
    return entry?.closed === false ? entry : undefined;
  }

  #count(entry: Entry): void {
    if (entry.counted) return;
    entry.counted = true;
    this.#save();
  }

  /** Folds a long tail into the base. What comes meanwhile stays in the tail; a snapshot that comes makes it vain. */
  #compact(entry: Entry): void {
    const { account } = entry;
    const { base, last } = account;
    entry.compacting = true;
    replay(account.tail(), yielding(this.#clock))
      .then((replayed) => {
        if (account.base === base) account.rebase({ sequence: last, metrics: fold([base.metrics, replayed]) });
      })
      .catch((error: unknown) => this.#log.error({ err: error }, 'a tail of events could not be folded'))
      .finally(() => {
        entry.compacting = false;
      });
  }

  #save(): boolean {
    const living = [...this.#entries.values()].map(({ id, slot, pid, start, counted }) => ({
      id,
      slot,
      pid,
      start,
      counted,
    }));
    const circuits = this.#circuits;
    return this.#checkpoint.write({ retired: this.#retired, own: this.#own, living, circuits, epoch: this.#epoch });
  }
}
