/**
 * What of history and verdict is written for a successor, and how it is read again: from a file that another version may have
 * written, so that each part is checked, and what is not as it should be is left out.
 */
import { asArray, asRecord, asString, parseJson } from '../../shared/json.ts';
import type { KeptStep } from '../history/history.ts';
import { COLUMNS, type Figures } from '../history/past-steps.ts';
import { keptStepIn, recordOf } from '../history/unfinished-steps.ts';
import type { KeptCounts } from './alert-windows.ts';
import type { Ongoing } from './verdict.ts';

/** A step that is over. */
export interface KeptRow {
  readonly figures: KeptStep;
  readonly counts: KeptCounts;
}

/** When a primary began, and when it was seen last; in ms since 1970. */
export interface PrimaryTime {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What a successor goes on from. */
export interface KeptState {
  /** The ledger's; totals of another one began at 0. */
  readonly epoch: string;
  /** Up to which totals of the ledger the steps say all. */
  readonly totals: Readonly<Record<string, number>>;
  readonly ongoing: readonly Ongoing[];
  readonly primaries: readonly PrimaryTime[];
  /** What the steps of history show, as totals; the first version did not say. */
  readonly shown?: Readonly<Record<string, number>>;
}

/** A step from its text; null if it is none. */
export function readKeptRow(text: string): KeptRow | null {
  const { figures, counts } = asRecord(parseJson(text)) ?? {};
  const step = keptStepIn(figures, figuresIn);
  if (step === null) return null;
  const { grown, highest } = asRecord(counts) ?? {};
  return {
    figures: step,
    counts: { grown: recordOf(grown, amountIn), highest: recordOf(highest, amountIn) },
  };
}

/** A state from its text; null if it is none. */
export function readKeptState(text: string): KeptState | null {
  const { epoch, totals, ongoing, primaries, shown } = asRecord(parseJson(text)) ?? {};
  const known = asString(epoch);
  if (known === null) return null;
  return {
    epoch: known,
    totals: recordOf(totals, amountIn),
    ongoing: asArray(ongoing).flatMap((each) => ongoingIn(each) ?? []),
    primaries: asArray(primaries).flatMap((each) => primaryIn(each) ?? []),
    ...(asRecord(shown) === null ? {} : { shown: recordOf(shown, amountIn) }),
  };
}

function figuresIn(value: unknown): Figures | null {
  const numbers = asArray(value).map((each) => (each === null ? null : amountIn(each)));
  return numbers.length === COLUMNS ? numbers : null;
}

function amountIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function ongoingIn(value: unknown): Ongoing | null {
  const { key, seenMs, sinceMs, provider, isTold } = asRecord(value) ?? {};
  const [name, seen, since] = [asString(key), amountIn(seenMs), amountIn(sinceMs)];
  if (name === null || seen === null || since === null) return null;
  return { key: name, seenMs: seen, sinceMs: since, provider: asString(provider), isTold: isTold === true };
}

function primaryIn(value: unknown): PrimaryTime | null {
  const { fromMs, untilMs } = asRecord(value) ?? {};
  const [from, until] = [amountIn(fromMs), amountIn(untilMs)];
  return from === null || until === null ? null : { fromMs: from, untilMs: until };
}
