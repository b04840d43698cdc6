/**
 * What a model costs, as plain data: made in the primary or from a configuration, sent to the workers, and read there for
 * each answer (`worker/policies/cost.ts`). All prices are whole picodollars (10^-12 dollars) for one token, one request or
 * one use of a tool: a dollar for a million tokens is 1,000,000 of them.
 */

/** What has a price for a million tokens. */
export const tokenPriceKinds = [
  'input',
  'output',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'cache_read_audio',
  'reasoning',
  'input_audio',
  'output_audio',
  'input_image',
  'output_image',
] as const;

/** Tools that providers run, each with a price of its own. */
export const pricedTools = ['web_search', 'web_fetch', 'code_execution', 'file_search', 'image_generation'] as const;

/** What has a price for a thousand: requests, and uses of tools that the provider runs. */
export const usePriceKinds = ['request', ...pricedTools] as const;

/** All that may have a price. */
export type PriceKind = (typeof tokenPriceKinds)[number] | (typeof usePriceKinds)[number];

/** Whole picodollars from 0, by kind. A kind that is missing has no price of its own. */
export type Rates = { readonly [kind in PriceKind]?: number };

/** Other prices for requests with a long input. */
export interface PriceStep {
  /** They are in force for requests with more tokens of input than this, those from a cache among them. */
  readonly above: number;
  /** Only what differs from the step before. */
  readonly rates: Rates;
}

/** Prices by the length of the input: `rates` for a short one, changed by each step that it reaches. */
export interface SteppedRates {
  readonly rates: Rates;
  /** Rising; missing for none. */
  readonly steps?: readonly PriceStep[];
}

/** Prices, and when they are in force. */
export interface PricePeriod extends SteppedRates {
  /** From this moment, in unix milliseconds; missing for always. */
  readonly fromMs?: number;
  /** In these hours of each day, in milliseconds since midnight UTC; over midnight where the end is before the start. */
  readonly daily?: { readonly startMs: number; readonly endMs: number };
}

/** Tiers of service that may have prices of their own. */
export const pricedTiers = ['priority', 'flex', 'batch', 'scale', 'fast', 'ultrafast'] as const;

/** All prices of one model at one provider. */
export interface PriceTable {
  /** At least one; of those that are in force the last one counts, and the first where none is. */
  readonly periods: readonly PricePeriod[];
  /** Of answers that were served by another tier than the usual one, at any time. */
  readonly tiers?: { readonly [tier in (typeof pricedTiers)[number]]?: SteppedRates };
  /** What tokens cost of answers that were not to leave the United States, in percent of these prices; missing for 100. */
  readonly percentInUs?: number;
}

/** What ordinary answers have, and these rates no price for: such answers have no known price. */
export function missingRates(rates: Rates): ('input' | 'output')[] {
  return (['input', 'output'] as const).filter((kind) => rates[kind] === undefined);
}

/** The table of a provider's model; null where no price is known. */
export interface PriceEntry {
  readonly provider: string;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly table: PriceTable | null;
}

const PICODOLLARS = 1e12;

/** Dollars for a million as picodollars for one. Rounded: prices of less than a picodollar are none. */
export function perMillion(dollars: number): number {
  return Math.round((dollars * PICODOLLARS) / 1_000_000);
}

/** Picodollars for one as dollars for a million. */
export function dollarsPerMillion(picodollars: number): number {
  return picodollars / (PICODOLLARS / 1_000_000);
}

/** Picodollars for one as dollars for a thousand. */
export function dollarsPerThousand(picodollars: number): number {
  return picodollars / (PICODOLLARS / 1_000);
}

/** Dollars for a thousand as picodollars for one. */
export function perThousand(dollars: number): number {
  return Math.round((dollars * PICODOLLARS) / 1_000);
}
