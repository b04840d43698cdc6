/**
 * Judges the gateway every two seconds: what the ledger's totals have grown by goes into the windows, and the rules read
 * these, the last minute of history, and how circuits, workers and files are now. So a failure is told within seconds, and
 * what alerts read is read from the same numbers: those of workers without a primary, and of dead ones, too.
 */
import type { Clock } from '../../shared/clock.ts';
import type { History } from '../history/history.ts';
import { RECENT } from '../history/recent-counts.ts';
import { STEP_MS } from '../history/steps.ts';
import type { MetricsLedger } from '../ledger/metrics-ledger.ts';
import { alertTotals, type Counted, countOf } from './alert-totals.ts';
import { AlertWindows } from './alert-windows.ts';
import { alerts } from './alerts.ts';
import type { VerdictFacts } from './facts.ts';
import type { KeptState, PrimaryTime } from './kept-form.ts';
import { restartsSince } from './primary-restarts.ts';
import { answersOf, failureRuns, isAlive, recentFailures } from './recent-facts.ts';
import { judge, type Ongoing, type Verdict, well } from './verdict.ts';

/** What the watch does not know by itself. */
type Present = Omit<
  VerdictFacts,
  'wallMs' | 'counts' | 'recent' | 'runs' | 'alive' | 'answered' | 'attempts' | 'knowsLastMinute' | 'primaryRestarts'
>;

interface VerdictWatchOptions {
  readonly history: History;
  readonly ledger: Pick<MetricsLedger, 'view' | 'epoch'>;
  /** Until the numbers of workers without a primary are known, no total is whole. */
  readonly orphans: { readonly settled: boolean };
  /** How things are now. */
  readonly present: () => Present;
  readonly clock: Clock;
}

/** More would say nothing new of a crash loop. */
const MOST_PRIMARIES = 20;

/** A worker that is silent for less is only busy. */
const SILENT_SECONDS = 5;

/** One per gateway. */
export class VerdictWatch {
  readonly windows: AlertWindows;
  readonly #options: VerdictWatchOptions;
  readonly #fromMs: number;
  #former: readonly PrimaryTime[] = [];
  /** Totals that the windows know of; null until it is known what a former primary has left. */
  #totals: ReadonlyMap<string, number> | null = null;
  /** Whether there are totals to go on from; else the first ones are those. */
  #goesOn = false;
  #ongoing: readonly Ongoing[] = [];
  #verdict = well;

  constructor(options: VerdictWatchOptions) {
    this.#options = options;
    this.windows = new AlertWindows(options.history.steps.current);
    this.#fromMs = options.clock.wallMs();
  }

  /** The last judgement, at most two seconds old. */
  get verdict(): Verdict {
    return this.#verdict;
  }

  /** Goes on from what a former primary has left; null: nothing, or it cannot be read. Nothing is judged before. */
  restore(state: KeptState | null): void {
    if (this.#totals !== null) return;
    const isSame = state?.epoch === this.#options.ledger.epoch;
    this.#totals = new Map(isSame ? Object.entries(state.totals) : []);
    this.#goesOn = state !== null;
    this.#ongoing = state?.ongoing ?? [];
    this.#former = (state?.primaries ?? []).slice(-MOST_PRIMARIES);
  }

  /** What a successor needs, with all steps before the present one; null before `restore`. */
  state(): KeptState | null {
    if (this.#totals === null) return null;
    return {
      epoch: this.#options.ledger.epoch,
      totals: Object.fromEntries(this.#totals),
      ongoing: this.#ongoing,
      primaries: this.#primaries(),
    };
  }

  /** Something happened that only this primary counts. */
  happened(counted: Extract<Counted, 'exits' | 'unfetched'>, name: string): void {
    this.windows.grow(countOf(counted, name), 1);
  }

  /** So long has a worker said nothing, or so old was its last snapshot at a scrape. */
  silent(slot: number, seconds: number): void {
    if (seconds > SILENT_SECONDS) this.windows.see(String(slot), seconds);
  }

  /** To be called every two seconds, and when a step is over and has been kept. */
  tick(): void {
    const { history, ledger, orphans, present, clock } = this.#options;
    history.turn();
    this.windows.begin(history.step);
    if (this.#totals === null || !orphans.settled) return;
    this.#grow(this.#totals, alertTotals(ledger.view()));
    const wallMs = clock.wallMs();
    const facts = {
      ...present(),
      wallMs,
      counts: this.windows,
      recent: recentFailures(history),
      runs: failureRuns(history),
      alive: new Set([...history.models.all].filter(isAlive).map(({ name }) => name)),
      attempts: history.attempts,
      answered: answersOf(history.gateway.recent.all()),
      knowsLastMinute: history.recentMs >= (RECENT - 1) * STEP_MS,
      primaryRestarts: this.#restarts(wallMs),
    };
    ({ verdict: this.#verdict, ongoing: this.#ongoing } = judge(facts, this.#ongoing));
  }

  #grow(before: ReadonlyMap<string, number>, totals: ReadonlyMap<string, number>): void {
    if (this.#goesOn) {
      for (const [key, total] of totals) {
        const known = before.get(key) ?? 0;
        // A total that has gone down began anew.
        const grown = total >= known ? total - known : total;
        if (grown > 0) this.windows.grow(key, grown);
      }
    }
    this.#goesOn = true;
    this.#totals = totals;
  }

  #restarts(wallMs: number): number {
    return restartsSince(this.#primaries(), wallMs - alerts.HeadgatePrimaryRestarts.ranges.starts * 1000);
  }

  #primaries(): readonly PrimaryTime[] {
    return [...this.#former, { fromMs: this.#fromMs, untilMs: this.#options.clock.wallMs() }];
  }
}
