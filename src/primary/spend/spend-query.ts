/** What is asked of the spend books: by what amounts are grouped, and of which time. Pure. */

const groupings = ['hour', 'day', 'month', 'provider', 'model', 'key'] as const;
type Grouping = (typeof groupings)[number];

/** A question that was read and checked. */
export interface SpendQuery {
  /** Each once; empty: one sum of all. Times are in UTC. */
  readonly by: readonly Grouping[];
  /** Since 1970; the whole hour in which it lies counts. Null: from the beginning. */
  readonly sinceMs: number | null;
  /** Exclusive, up to the end of its hour. Null: up to now. */
  readonly untilMs: number | null;
}

/** A part of a query that cannot be read. */
export class SpendQueryError extends Error {
  override readonly name = 'SpendQueryError';
  readonly status = 400;
}

const DEFAULT_BY: readonly Grouping[] = ['provider', 'model', 'key'];

const units: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

interface Asked {
  readonly by?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/**
 * Reads `day,model`, `2026-11-01`, an ISO time, or a span such as `24h`, `7d` and `4w`. Throws `SpendQueryError`.
 *
 * @param nowMs since 1970
 */
export function spendQuery({ by, since, until }: Asked, nowMs: number): SpendQuery {
  return {
    by: by === undefined ? DEFAULT_BY : groupingsIn(by),
    sinceMs: since === undefined ? null : timeIn('since', since, nowMs),
    untilMs: until === undefined ? null : endOf(until, timeIn('until', until, nowMs)),
  };
}

function groupingsIn(text: string): Grouping[] {
  const names = text === 'total' ? [] : text.split(',').map((name) => name.trim());
  return [...new Set(names)].map((name) => {
    const known = groupings.find((each) => each === name);
    if (known !== undefined) return known;
    const expected = `should be total, or some of ${groupings.join(', ')}, with commas between them`;
    throw new SpendQueryError(`by ${expected}, got ${JSON.stringify(name)}`);
  });
}

/** The end of a day or month that is named: it counts whole, as the hour of a time does. */
function endOf(text: string, beginsMs: number): number {
  const end = new Date(beginsMs);
  if (/^\d{4}-\d\d$/.test(text)) return end.setUTCMonth(end.getUTCMonth() + 1);
  return /^\d{4}-\d\d-\d\d$/.test(text) ? end.setUTCDate(end.getUTCDate() + 1) : beginsMs;
}

function timeIn(part: string, text: string, nowMs: number): number {
  const [, amount, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (amount !== undefined) return nowMs - Number(amount) * (units[unit ?? ''] ?? 0);
  // A date alone is midnight in UTC, also where a month is all that is said.
  const time = /^\d{4}-\d\d(?:-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) return time;
  const expected =
    'should be a date such as 2026-11-01, a month, an ISO time with its zone, or a span such as 24h or 7d';
  throw new SpendQueryError(`${part} ${expected}, got ${JSON.stringify(text)}`);
}
