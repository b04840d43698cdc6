/** A price table for people, and as plain numbers in dollars. Pure. */
import {
  dollarsPerMillion,
  dollarsPerThousand,
  missingRates,
  type PricePeriod,
  type PriceTable,
  pricedTiers,
  type Rates,
  type SteppedRates,
  tokenPriceKinds,
  usePriceKinds,
} from '../shared/prices.ts';
import { table as textTable } from './table.ts';

/** What a model costs at one place. */
export interface PricedPlace {
  readonly provider: string;
  /** The provider's own name of it. */
  readonly model: string;
  /** Null where no price is known. */
  readonly table: PriceTable | null;
  /** Where it is said, in words. */
  readonly source: string;
  /** What the price list remarks; null for nothing. */
  readonly comment: string | null;
}

/** Prices that are in force together, in dollars. */
interface Prices {
  /** When they are: `always`, or `otherwise` where others come first. */
  readonly when: string;
  readonly perMillionTokens: Readonly<Record<string, number>>;
  readonly perThousand: Readonly<Record<string, number>>;
  /** Kinds of tokens that chats have and that have no price: answers with some have none either. */
  readonly unpriced: readonly string[];
}

/** One for each period, length of the input and tier. What a longer input does not change is named with it too. */
export function pricesOf({ periods, tiers = {} }: PriceTable): Prices[] {
  const usual = periods.flatMap((period) => {
    const words = periodWords(period);
    return stepsOf(period, words.length === 0 && periods.length > 1 ? ['otherwise'] : words);
  });
  const others = pricedTiers.flatMap((tier) => {
    const list = tiers[tier];
    return list === undefined ? [] : stepsOf(list, [`served as ${tier}`]);
  });
  return [...usual, ...others];
}

/** The lines to print. */
export function priceLines({ provider, model, table, source, comment }: PricedPlace): string[] {
  const head = `${provider}/${model}: ${table === null ? 'no price is known' : 'dollars per million tokens'}`;
  const from = `  from ${source}`;
  if (table === null) return [head, from, ...CURE];
  const prices = pricesOf(table);
  const kinds = tokenPriceKinds.filter((kind) => prices.some(({ perMillionTokens }) => kind in perMillionTokens));
  const uses = usePriceKinds.filter((kind) => prices.some(({ perThousand }) => kind in perThousand));
  const heads = ['', ...prices.map(({ when }) => when)];
  const rows = [
    ...kinds.map((kind) => [kind, ...prices.map(({ perMillionTokens }) => shown(perMillionTokens[kind]))]),
    ...uses.map((kind) => [`${kind}, per thousand`, ...prices.map(({ perThousand }) => shown(perThousand[kind]))]),
  ];
  const lines = rows.length === 0 ? ['none of tokens'] : textTable(heads, rows, { rightFrom: 1 });
  const notes = [...unpricedWords(prices), ...(comment === null ? [] : [`note: ${comment}`])];
  return [head, from, ...[...lines, ...notes].map((line) => `  ${line}`)];
}

/** A line for each kind, which says when it has no price, unless that is at any time. */
function unpricedWords(prices: readonly Prices[]): string[] {
  return [...new Set(prices.flatMap(({ unpriced }) => unpriced))].map((kind) => {
    const lacking = prices.filter(({ unpriced }) => unpriced.includes(kind));
    const when = lacking.length === prices.length ? '' : ` (${lacking.map((each) => each.when).join('; ')})`;
    return `answers with tokens of ${kind} have no known price${when}: give ${kind} one (0 where they cost nothing)`;
  });
}

const CURE = [
  '  Its answers are counted in llm_unpriced_requests_total. Give the model or the target a price, in dollars:',
  '    price: { input: 1.25, output: 10, cache_read: 0.125 }',
  '  or, where it costs nothing:',
  '    price: { free: true }',
];

function shown(dollars: number | undefined): string {
  return dollars === undefined ? '–' : String(dollars);
}

function stepsOf({ rates, steps = [] }: SteppedRates, words: readonly string[]): Prices[] {
  const first = pricesFrom(rates, words);
  let together = rates;
  const longer = steps.map(({ above, rates: other }) => {
    together = { ...together, ...other };
    return pricesFrom(together, [...words, `above ${above} tokens of input`]);
  });
  return [first, ...longer];
}

function pricesFrom(rates: Rates, words: readonly string[]): Prices {
  return {
    when: words.length === 0 ? 'always' : words.join(', '),
    perMillionTokens: inDollars(rates, tokenPriceKinds, dollarsPerMillion),
    perThousand: inDollars(rates, usePriceKinds, dollarsPerThousand),
    unpriced: missingRates(rates),
  };
}

function inDollars<Kind extends keyof Rates>(
  rates: Rates,
  kinds: readonly Kind[],
  convert: (picodollars: number) => number,
): Record<string, number> {
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const rate = rates[kind];
      return rate === undefined ? [] : [[kind, convert(rate)] as const];
    }),
  );
}

function periodWords({ fromMs, daily }: PricePeriod): string[] {
  return [
    ...(fromMs === undefined ? [] : [`from ${new Date(fromMs).toISOString().slice(0, 10)}`]),
    ...(daily === undefined ? [] : [`${clockTime(daily.startMs)} to ${clockTime(daily.endMs)} UTC`]),
  ];
}

function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}
