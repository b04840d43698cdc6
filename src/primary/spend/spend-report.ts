/** What the spend books say, as `/api/spend` and the command show it. Pure. */
import { tokenTypes } from '../../shared/events.ts';
import type { SpendRow } from './spend-file.ts';
import type { SpendQuery } from './spend-query.ts';

/** One group: the values by which it was grouped, then what was counted. */
interface SpendEntry {
  /** By the names of `by`. A key stands behind its provider (`openai/main`), unless that is one of them. */
  readonly group: Readonly<Record<string, string>>;
  /** Answers with tokens. */
  readonly answers: number;
  /** Those without a known price: their cost is not in `usd`. */
  readonly unpricedAnswers: number;
  /** By type; types that did not occur are left out. */
  readonly tokens: Readonly<Record<string, number>>;
  /** Dollars of the others, exactly, such as `0.000012`; null where none has a known price. */
  readonly usd: string | null;
}

/** The answer, as the admin API has it. */
export interface SpendReport {
  readonly by: readonly string[];
  /** ISO times; null where the query sets no limit. */
  readonly since: string | null;
  readonly until: string | null;
  readonly entries: readonly SpendEntry[];
}

/** The report of a query's rows. */
export function spendReport({ by, sinceMs, untilMs }: SpendQuery, rows: readonly SpendRow[]): SpendReport {
  const timeOf = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    by,
    since: timeOf(sinceMs),
    until: timeOf(untilMs),
    entries: rows.map((row) => entryOf(by, row)),
  };
}

function entryOf(by: SpendQuery['by'], { group, amounts }: SpendRow): SpendEntry {
  const answers = Number(amounts.answers ?? 0n);
  const unpricedAnswers = Number(amounts.unpriced_answers ?? 0n);
  return {
    group: Object.fromEntries(by.map((name, index) => [name, group[index] ?? ''])),
    answers,
    unpricedAnswers,
    tokens: Object.fromEntries(
      tokenTypes.flatMap((type) => (amounts[type] === undefined ? [] : [[type, Number(amounts[type])] as const])),
    ),
    usd: answers > 0 && unpricedAnswers === answers ? null : dollars(amounts.nano_usd ?? 0n),
  };
}

const NANO = 1_000_000_000n;

/** Nano-dollars as dollars with all their digits, and at least two behind the point. @param nano from 0 */
export function dollars(nano: bigint): string {
  const digits = (nano % NANO)
    .toString()
    .padStart(9, '0')
    .replace(/0{1,7}$/, '');
  return `${nano / NANO}.${digits}`;
}
