/**
 * Keeps the spend books up with the ledger, at most a second behind while the disk takes them. A projection: the ledger is
 * the truth, and what could not be written is written with the next totals. So a full disk costs history for as long as it
 * is full, and nothing else.
 *
 *   each half second ─► totals that have changed ─► thread: one transaction ─► known to be written
 *                                                          └─ fails: sent again, all of them
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { WriteTrouble } from '../../shared/state/write-trouble.ts';
import type { MetricsLedger } from '../ledger/metrics-ledger.ts';
import type { KeptHour, KeptStepText } from './kept-hour.ts';
import type { SpendRow } from './spend-file.ts';
import type { SpendQuery } from './spend-query.ts';
import type { SpendReply, SpendRequest } from './spend-thread.ts';
import { type SpendTotal, spendTotals } from './spend-totals.ts';

const PERIOD_MS = 500;

/** A thread that is silent for so long is ended: its disk hangs. */
const SILENT_MS = 30_000;

/** The stop waits so long for the last totals to be written. */
const LAST_MS = 5000;

const source = import.meta.url.endsWith('.ts') ? './spend-thread.ts' : './spend-thread.js';
const threadPath = fileURLToPath(new URL(source, import.meta.url));

interface SpendBooksOptions {
  /** Path of the file. */
  readonly file: string;
  readonly ledger: Pick<MetricsLedger, 'view' | 'epoch' | 'writable'>;
  /** Reads what workers without a primary have counted; until it is settled, no total is whole. */
  readonly orphans: { readonly settled: boolean; read(): Promise<void> };
  readonly clock: Clock;
  readonly log: Log;
}

/** What a request becomes once it has its number. */
type Unnumbered<T> = T extends unknown ? Omit<T, 'number'> : never;

/** One per gateway. */
export class SpendBooks {
  readonly #options: SpendBooksOptions;
  readonly #waiting = new Map<number, (reply: Omit<SpendReply, 'number'>) => void>();
  /** Totals that are on the disk, by series. */
  #written = new Map<string, number>();
  #thread: Worker | null = null;
  #timer: Timer | null = null;
  #projecting: Promise<void> | null = null;
  #number = 0;
  #ended = false;
  readonly #trouble: WriteTrouble;
  #writtenAtMs: number;

  constructor(options: SpendBooksOptions) {
    this.#options = options;
    const { file, ledger, log } = options;
    this.#trouble = new WriteTrouble({
      ...{ what: 'the spend books', loss: 'their history waits, requests and counts do not' },
      ...{ fields: { file }, ledger, log },
    });
    this.#writtenAtMs = options.clock.nowMs();
  }

  /** Begins to follow the ledger. */
  start(): void {
    this.#timer = this.#options.clock.every(PERIOD_MS, () => void this.#project());
  }

  /** Why the books could not be written the last time: the system's code, or a message; null if they could. */
  get problem(): string | null {
    return this.#trouble.problem;
  }

  /** How long ago they were known to say all that the ledger said. */
  get behindMs(): number {
    return this.#options.clock.nowMs() - this.#writtenAtMs;
  }

  /** Rejects with an `Error` that says why they cannot be read. */
  async read(query: SpendQuery): Promise<readonly SpendRow[]> {
    const { rows, problem } = await this.#ask({ type: 'read', query });
    if (rows === undefined) throw new Error(`the spend books cannot be read: ${problem ?? 'no answer'}`);
    return rows;
  }

  /** Keeps a step of history with the books. Resolves with why it could not be kept; null if it is. */
  async keepStep(step: KeptStepText): Promise<string | null> {
    const { problem = null } = await this.#ask({ type: 'keep-step', ...step });
    return problem;
  }

  /** What was kept of the last hour. Rejects with an `Error` that says why it cannot be read. */
  async keptHour(): Promise<KeptHour> {
    const { hour, problem } = await this.#ask({ type: 'kept-hour' });
    if (hour === undefined) throw new Error(`the history cannot be read: ${problem ?? 'no answer'}`);
    return hour;
  }

  /** Keeps a text with the books, in place of the one of that name. Resolves with why it could not; null if it is kept. */
  async keepText(name: string, text: string): Promise<string | null> {
    const { problem = null } = await this.#ask({ type: 'keep-text', name, text });
    return problem;
  }

  /** A text that was kept; null if there is none. Rejects with an `Error` that says why it cannot be read. */
  async keptText(name: string): Promise<string | null> {
    const { text, problem } = await this.#ask({ type: 'kept-text', name });
    if (text === undefined) throw new Error(problem ?? 'no answer');
    return text;
  }

  /** Writes what is left and closes the file; to be called when all accounts of the ledger are closed. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    const limit = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(LAST_MS, limit.resolve);
    await this.#projecting;
    await Promise.race([this.#project(), limit.promise]);
    timer.cancel();
    await this.end();
  }

  /** Ends the thread at once. What it has not written stays in the ledger. */
  async end(): Promise<void> {
    this.#timer?.cancel();
    this.#ended = true;
    await this.#thread?.terminate();
    this.#lost('it was ended');
  }

  /** Calls made meanwhile share it. It never rejects. */
  #project(): Promise<void> {
    this.#projecting ??= this.#write().finally(() => {
      this.#projecting = null;
    });
    return this.#projecting;
  }

  async #write(): Promise<void> {
    const { ledger, orphans, clock } = this.#options;
    await orphans.read();
    if (!orphans.settled) return;
    const sinceMs = clock.nowMs();
    const { epoch } = ledger;
    const totals = spendTotals(ledger.view());
    const changed = totals.filter((total) => this.#written.get(seriesOf(total)) !== total.amount);
    // Without a change it is only looked whether the file is still there.
    if (changed.length > 0 || this.#written.size > 0) {
      const { problem = null } = await this.#ask({ type: 'add', epoch, totals: changed, wallMs: clock.wallMs() });
      this.#trouble.report(problem);
      if (problem !== null) {
        // The file may be another one then: it is told everything, and knows by its marks what is new.
        this.#written.clear();
        return;
      }
      for (const total of changed) this.#written.set(seriesOf(total), total.amount);
    }
    this.#writtenAtMs = sinceMs;
  }

  #ask(request: Unnumbered<SpendRequest>): Promise<Omit<SpendReply, 'number'>> {
    if (this.#ended) return Promise.resolve({ problem: 'they are closed' });
    this.#number += 1;
    const number = this.#number;
    const thread = this.#thread ?? this.#startThread();
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(SILENT_MS, () => {
        // Its exit answers all that wait.
        void thread.terminate();
      });
      this.#waiting.set(number, (reply) => {
        timer.cancel();
        resolve(reply);
      });
      thread.postMessage({ ...request, number });
    });
  }

  #startThread(): Worker {
    const thread = new Worker(threadPath, { workerData: this.#options.file });
    thread.unref();
    this.#thread = thread;
    let why = 'its thread has ended';
    thread.on('message', ({ number, ...reply }: SpendReply) => {
      this.#waiting.get(number)?.(reply);
      this.#waiting.delete(number);
    });
    thread.on('error', (error) => {
      why = error instanceof Error ? error.message : why;
    });
    thread.on('exit', () => {
      if (this.#thread === thread) this.#lost(why);
    });
    return thread;
  }

  /** Answers what waits, and lets the next request start a thread. */
  #lost(problem: string): void {
    this.#thread = null;
    for (const answer of this.#waiting.values()) answer({ problem });
    this.#waiting.clear();
  }
}

function seriesOf({ provider, model, key, unit }: SpendTotal): string {
  return JSON.stringify([provider, model, key, unit]);
}
