/**
 * Puts into history what no event has told this primary: what workers served while there was none, what the last primary had
 * not kept, and events that found the pipe full. The ledger has all of it, but only as totals. So what its totals have
 * grown by, beyond what steps show, goes to the steps that are over since they agreed: spread evenly, and marked.
 *
 * A snapshot may be ahead of its events for a moment. So only what is missing at two looks is put anywhere.
 */
import { errorOwners } from '../../shared/errors.ts';
import type { LedgerView } from '../ledger/metrics-ledger.ts';
import type { History } from './history.ts';
import { addSums, counted, ledgerCounts, type SubjectKind, type Totals, totalKey } from './ledger-counts.ts';
import type { Figures } from './past-steps.ts';
import { STEP_MS, STEPS } from './steps.ts';

/** Workers without a primary serve for a minute, which may begin within a step: later steps have nothing of theirs. */
const MOST_SPREAD = 60_000 / STEP_MS + 1;

interface CatchUpOptions {
  readonly history: History;
  readonly ledger: { view(): LedgerView };
  /** Until the numbers of workers without a primary are known, no total is whole. */
  readonly orphans: { readonly settled: boolean };
}

/** One per gateway. */
export class CatchUp {
  readonly #options: CatchUpOptions;
  /** The first step that may lack something. */
  #from: number;
  #missing: Totals | null = null;
  #isRestored = false;
  /** Whether what steps show can be compared with the ledger; else the next totals are taken as shown. */
  #isKnown = false;

  constructor(options: CatchUpOptions) {
    this.#options = options;
    this.#from = options.history.step;
  }

  /**
   * Goes on from what a former primary has kept.
   *
   * @param shown `shown` of its last step; null: nothing is known, and what the ledger has by now is shown nowhere
   * @param last its last step
   */
  restore(shown: Readonly<Record<string, number>> | null, last: number | null): void {
    const { history } = this.#options;
    if (this.#isRestored) return;
    this.#isRestored = true;
    if (last !== null) this.#from = Math.min(this.#from, Math.max(last + 1, history.step - STEPS + 1));
    for (const [key, amount] of Object.entries(shown ?? {}))
      history.shown.set(key, (history.shown.get(key) ?? 0) + amount);
    this.#isKnown = shown !== null;
  }

  /**
   * To be called every two seconds, when history has turned.
   *
   * @returns the first step that has changed, if it is an older one than the last
   */
  look(): number | null {
    const { history, ledger, orphans } = this.#options;
    if (!this.#isRestored || !orphans.settled) return null;
    const missing = this.#missingIn(ledgerCounts(ledger.view()));
    const before = this.#missing;
    this.#missing = missing;
    if (before === null || history.step === this.#from) return null;
    const sure = new Map<string, number>();
    for (const [key, amount] of missing) {
      const least = Math.min(amount, before.get(key) ?? 0);
      if (least > 0) sure.set(key, least);
    }
    const from = this.#from;
    this.#from = history.step;
    if (sure.size === 0) return null;
    this.#place(sure, from, Math.min(MOST_SPREAD, history.step - from));
    this.#missing = this.#missingIn(ledgerCounts(ledger.view()));
    return from;
  }

  /** What the steps do not show, above 0. */
  #missingIn(totals: Totals): Totals {
    const { history } = this.#options;
    const told = new Map(history.shown);
    for (const { kind, name, recent } of history.named()) addSums(told, kind, name, recent.of(history.step));
    const missing = new Map<string, number>();
    const full = [history.models.isFull ? 'model\n' : null, history.providers.isFull ? 'provider\n' : null];
    const isFull = (key: string) => full.some((prefix) => prefix !== null && key.startsWith(prefix));
    for (const key of new Set([...totals.keys(), ...told.keys()])) {
      const amount = (totals.get(key) ?? 0) - (told.get(key) ?? 0);
      // Totals that have gone down, are met for the first time, or may be in `other`, are taken as they are.
      if (amount < 0 || !this.#isKnown || isFull(key)) history.shown.set(key, (history.shown.get(key) ?? 0) + amount);
      else if (amount > 0) missing.set(key, amount);
    }
    this.#isKnown = true;
    return missing;
  }

  #place(amounts: Totals, from: number, steps: number): void {
    const { history } = this.#options;
    const owners = errorOwners.map((owner) => amounts.get(totalKey('gateway', '', `of-${owner}`)) ?? 0);
    for (const [subject, of] of bySubject(amounts)) {
      const [kind = '', name = ''] = subject.split('\n');
      for (let index = 0; index < steps; index += 1) {
        const share = (what: string) => shareOf(of.get(what) ?? 0, index, steps);
        const errors =
          kind === 'provider' ? divided(share('errors'), owners) : errorOwners.map((owner) => share(`of-${owner}`));
        const none = [null, null, null];
        const figures: Figures = [
          share('requests'),
          ...errors,
          ...none,
          share('input'),
          share('output'),
          share('nano'),
        ];
        history.add(from + index, kind as SubjectKind, name, figures);
      }
    }
    for (const [key, amount] of amounts) history.shown.set(key, (history.shown.get(key) ?? 0) + amount);
  }
}

function bySubject(amounts: Totals): Map<string, Map<string, number>> {
  const subjects = new Map<string, Map<string, number>>();
  for (const [key, amount] of amounts) {
    const end = key.lastIndexOf('\n');
    const what = key.slice(end + 1);
    if (!counted.includes(what)) continue;
    const subject = key.slice(0, end);
    const of = subjects.get(subject) ?? new Map<string, number>();
    subjects.set(subject, of.set(what, amount));
  }
  return subjects;
}

/** A part of a whole number, so that all parts together are it. */
function shareOf(amount: number, index: number, parts: number): number {
  return Math.floor((amount * (index + 1)) / parts) - Math.floor((amount * index) / parts);
}

/** Divides a whole number in the proportions of others; all of it to the last one where they are nothing. */
function divided(amount: number, proportions: readonly number[]): number[] {
  const whole = proportions.reduce((sum, each) => sum + each, 0);
  let before = 0;
  let sum = 0;
  return proportions.map((each, index) => {
    sum += each;
    const isLast = index === proportions.length - 1;
    const until = isLast ? amount : whole === 0 ? 0 : Math.round((amount * sum) / whole);
    const part = until - before;
    before = until;
    return part;
  });
}
