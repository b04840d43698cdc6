/**
 * Writes history and the verdict's counts to the disk at the end of each step, reads them at the start, and keeps the verdict
 * up to date. Nothing waits for the disk: one that is full or hangs costs history alone.
 *
 *   start ─► what a former primary has left ─► each two seconds: is a step over? ─► its row, with what a successor needs
 *                                                    └─ then judge
 */
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorFields, type Log } from '../../shared/log.ts';
import { WriteTrouble } from '../../shared/state/write-trouble.ts';
import type { CatchUp } from '../history/catch-up.ts';
import type { History } from '../history/history.ts';
import { STEPS } from '../history/steps.ts';
import { type KeptRow, type KeptState, readKeptRow, readKeptState } from './kept-form.ts';
import type { VerdictWatch } from './verdict-watch.ts';

const PERIOD_MS = 2_000;

/** After what is judged at once, until the requests that failed with it have been counted too. */
const SOON_MS = 200;

/** How long judging waits for what a former primary has left. */
const READ_WITHIN_MS = 2_000;

/** What writes and reads: the thread of the spend books. */
interface Disk {
  /** Resolves with why it could not be kept; null if it is. */
  keepStep(kept: {
    readonly beginsAtMs: number;
    readonly step: string | null;
    readonly state: string;
  }): Promise<string | null>;
  keptHour(): Promise<{
    readonly steps: readonly { readonly beginsAtMs: number; readonly step: string }[];
    readonly state: string | null;
  }>;
}

interface HourKeeperOptions {
  readonly history: History;
  readonly catchUp: CatchUp;
  readonly watch: VerdictWatch;
  readonly disk: Disk;
  /** It speaks of a folder that cannot be written at all. */
  readonly ledger: { readonly writable: boolean; readonly epoch: string };
  readonly clock: Clock;
  readonly log: Log;
}

/** One per gateway. */
export class HourKeeper {
  readonly #options: HourKeeperOptions;
  #timer: Timer | null = null;
  #soon: Timer | null = null;
  /** The oldest step that is not on the disk. */
  #next: number;
  /** What the steps on the disk show. */
  #shown: Readonly<Record<string, number>> = {};
  #isWriting = false;
  readonly #trouble: WriteTrouble;
  #isStopped = false;

  constructor(options: HourKeeperOptions) {
    this.#options = options;
    const { ledger, log } = options;
    this.#trouble = new WriteTrouble({ what: 'the history of the last hour', ledger, log });
    this.#next = options.history.steps.current;
  }

  /** Reads what a former primary has left, and begins to judge. Resolves when it is read, or cannot be. */
  async start(): Promise<void> {
    const { clock, watch } = this.#options;
    const late = clock.after(READ_WITHIN_MS, () => watch.restore(null));
    this.#timer = clock.every(PERIOD_MS, () => this.#turn());
    await this.#restore();
    late.cancel();
    if (this.#isStopped) return;
    // At once, so that a primary that soon dies is known to have been there.
    this.#write(null);
    watch.tick();
  }

  /** Judges before two seconds are over: something has happened that mostly is a finding. */
  judgeSoon(): void {
    if (this.#soon !== null || this.#timer === null || this.#isStopped) return;
    this.#soon = this.#options.clock.after(SOON_MS, () => {
      this.#soon = null;
      this.#turn();
    });
  }

  /** What is on its way to the disk may end there or not: nobody is told. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#soon?.cancel();
  }

  async #restore(): Promise<void> {
    const { disk, history, catchUp, watch, ledger, log } = this.#options;
    try {
      const { steps, state } = await disk.keptHour();
      for (const { beginsAtMs, step } of steps) {
        const row = readKeptRow(step);
        if (row === null) continue;
        const number = history.steps.at(beginsAtMs);
        history.restore(number, row.figures);
        watch.windows.restore(number, row.counts);
      }
      const kept = state === null ? null : readKeptState(state);
      watch.restore(kept);
      const last = steps.at(-1);
      this.#shown = kept?.epoch === ledger.epoch ? (kept.shown ?? {}) : {};
      catchUp.restore(kept?.shown === undefined ? null : this.#shown, last ? history.steps.at(last.beginsAtMs) : null);
    } catch (error) {
      if (ledger.writable && !this.#isStopped)
        log.warn(errorFields(error), 'the history of the last hour is not known');
      watch.restore(null);
      catchUp.restore(null, null);
    }
  }

  #turn(): void {
    const { history, catchUp, watch } = this.#options;
    history.turn();
    const changed = catchUp.look();
    if (changed !== null) this.#next = Math.min(this.#next, changed);
    // Before the present step begins in the windows: what is written agrees with the totals up to which it counts.
    if (history.step > this.#next && !this.#isWriting) this.#write(history.step - 1);
    watch.tick();
  }

  /** Writes the oldest step that is not written, up to `last`; null: the state alone. */
  #write(last: number | null): void {
    const { history, watch } = this.#options;
    const state = watch.state();
    if (state === null) return;
    let step = last === null ? null : Math.max(this.#next, last - STEPS + 1);
    // Of most steps between two primaries nothing is known.
    while (step !== null && last !== null && step < last && history.kept(step) === null) step += 1;
    const figures = step === null ? null : history.kept(step);
    const row =
      step === null || figures === null ? null : ({ figures, counts: watch.windows.kept(step) } satisfies KeptRow);
    // Only with the last step the disk has all that the totals say.
    if (step === history.step - 1) this.#shown = Object.fromEntries(history.shown);
    const beginsAtMs = history.steps.beginsAtMs(step ?? history.step);
    const texts = {
      step: row && JSON.stringify(row),
      state: JSON.stringify({ ...state, shown: this.#shown } satisfies KeptState),
    };
    void this.#keep({ beginsAtMs, ...texts }, step);
  }

  /** Never rejects. */
  async #keep(kept: Parameters<Disk['keepStep']>[0], step: number | null): Promise<void> {
    this.#isWriting = true;
    // A thread that cannot be made is thrown.
    const problem = await this.#options.disk
      .keepStep(kept)
      .catch((error: unknown) => (error instanceof Error ? error.message : 'an error'));
    this.#isWriting = false;
    if (problem === null && step !== null) this.#next = step + 1;
    if (!this.#isStopped) this.#trouble.report(problem);
    const { step: current } = this.#options.history;
    if (problem === null && !this.#isStopped && current - 1 > this.#next) this.#write(current - 1);
  }
}
