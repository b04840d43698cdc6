/**
 * A model's entry in the price list of genai-prices as our own table. Pure.
 *
 * The list gives dollars for a million tokens or a thousand uses, by kind; some prices in steps by the length of the input,
 * some from a day on or at some hours. A model without any price there is free (`{}`); one with prices of other things
 * alone, such as hours of audio, has none for tokens.
 */
import type { ConditionalPrice, ModelInfo, ModelPrice } from '@pydantic/genai-prices';
import {
  type PriceKind,
  type PricePeriod,
  type PriceStep,
  type PriceTable,
  perMillion,
  perThousand,
  type Rates,
  tokenPriceKinds,
  usePriceKinds,
} from '../../shared/prices.ts';

interface Key {
  readonly kind: PriceKind;
  readonly toPicodollars: (dollars: number) => number;
}

/** What is taken of the list, by its own keys. */
const keys: ReadonlyMap<string, Key> = new Map<string, Key>([
  ['input_mtok', { kind: 'input', toPicodollars: perMillion }],
  ['output_mtok', { kind: 'output', toPicodollars: perMillion }],
  ['cache_read_mtok', { kind: 'cache_read', toPicodollars: perMillion }],
  ['cache_write_mtok', { kind: 'cache_write', toPicodollars: perMillion }],
  ['cache_write_1h_mtok', { kind: 'cache_write_1h', toPicodollars: perMillion }],
  ['cache_audio_read_mtok', { kind: 'cache_read_audio', toPicodollars: perMillion }],
  ['output_reasoning_mtok', { kind: 'reasoning', toPicodollars: perMillion }],
  ['input_audio_mtok', { kind: 'input_audio', toPicodollars: perMillion }],
  ['output_audio_mtok', { kind: 'output_audio', toPicodollars: perMillion }],
  ['input_image_mtok', { kind: 'input_image', toPicodollars: perMillion }],
  ['output_image_mtok', { kind: 'output_image', toPicodollars: perMillion }],
  ['requests_kcount', { kind: 'request', toPicodollars: perThousand }],
  ['web_searches_kcount', { kind: 'web_search', toPicodollars: perThousand }],
  ['storage_searches_kcount', { kind: 'file_search', toPicodollars: perThousand }],
  ['code_executions_kcount', { kind: 'code_execution', toPicodollars: perThousand }],
]);

const free: Rates = Object.fromEntries([...tokenPriceKinds, ...usePriceKinds].map((kind) => [kind, 0]));

type WritableRates = { -readonly [kind in keyof Rates]: Rates[kind] };

/** The table of a model at a provider of the list. Throws an `Error` for conditions that are not known. */
export function tableOf(providerId: string, { id, prices }: Pick<ModelInfo, 'id' | 'prices'>): PriceTable {
  const periods = Array.isArray(prices) ? prices : [{ prices }];
  const table = { periods: periods.map((period) => periodOf({ providerId, id }, period)) };
  // platform.claude.com/docs/en/build-with-claude/data-residency.
  return providerId === 'anthropic' ? { ...table, percentInUs: 110 } : table;
}

/** The same with other prices of tokens. @param percent of those that are there */
export function scaled({ periods, ...table }: PriceTable, percent: number): PriceTable {
  const scale = (rates: Rates): Rates => {
    const tokens = tokenPriceKinds.flatMap((kind) => {
      const rate = rates[kind];
      return rate === undefined ? [] : [[kind, Math.round((rate * percent) / 100)] as const];
    });
    return { ...rates, ...Object.fromEntries(tokens) };
  };
  return {
    ...table,
    periods: periods.map(({ rates, steps, ...period }) => {
      const raised = { ...period, rates: scale(rates) };
      if (steps === undefined) return raised;
      return { ...raised, steps: steps.map((step) => ({ above: step.above, rates: scale(step.rates) })) };
    }),
  };
}

/** Whose prices they are: the provider's and the model's name in the list. */
interface Priced {
  readonly providerId: string;
  readonly id: string;
}

function periodOf(priced: Priced, { constraint, prices }: ConditionalPrice): PricePeriod {
  const list = listOf(priced, prices);
  switch (constraint?.type) {
    case undefined:
      return list;
    case 'start_date':
      return { ...list, fromMs: Date.parse(constraint.start_date) };
    case 'time_of_date': {
      const { start_time: start, end_time: end } = constraint;
      return { ...list, daily: { startMs: timeOfDay(start), endMs: timeOfDay(end) } };
    }
    default:
      throw new Error(`a price is in force under a condition that is not known: ${JSON.stringify(constraint)}`);
  }
}

function listOf(priced: Priced, prices: ModelPrice): Pick<PricePeriod, 'rates' | 'steps'> {
  if (Object.keys(prices).length === 0) return { rates: free };
  const rates: WritableRates = {};
  const steps = new Map<number, WritableRates>();
  for (const [key, price] of Object.entries(prices)) {
    const { kind, toPicodollars } = keys.get(key) ?? {};
    if (kind === undefined || toPicodollars === undefined || price === undefined) continue;
    rates[kind] = toPicodollars(typeof price === 'number' ? price : price.base);
    for (const tier of typeof price === 'number' ? [] : price.tiers) {
      const step = steps.get(tier.start) ?? {};
      step[kind] = toPicodollars(tier.price);
      steps.set(tier.start, step);
    }
  }
  complete(priced, rates);
  if (isClaude(priced)) for (const step of steps.values()) completeCache(step);
  const rising: PriceStep[] = [...steps].sort(([one], [other]) => one - other).map(toStep);
  return rising.length === 0 ? { rates } : { rates, steps: rising };
}

function toStep([above, rates]: readonly [number, Rates]): PriceStep {
  return { above, rates };
}

const isClaude = ({ id }: Priced) => /\bclaude-/.test(id);

/**
 * Adds what keeping a prompt of Claude's for an hour costs: twice the input, wherever it is sold
 * (platform.claude.com/docs/en/about-claude/pricing, aws.amazon.com/bedrock/pricing). The list does not have it for all.
 */
function completeCache(rates: WritableRates): void {
  if (rates.input !== undefined && rates.cache_write !== undefined) rates.cache_write_1h ??= 2 * rates.input;
}

/** Adds what the provider's own price page says and the list does not. */
function complete(priced: Priced, rates: WritableRates): void {
  const { providerId } = priced;
  if (isClaude(priced)) completeCache(rates);
  const { input, output, cache_read: cacheRead, input_image: inputImage, input_audio: inputAudio } = rates;
  if (providerId === 'anthropic') rates.web_fetch ??= 0;
  // Google names a price of audio where it is not that of texts.
  if (providerId === 'google' && inputAudio === undefined && input !== undefined) {
    rates.input_audio = input;
    if (cacheRead !== undefined) rates.cache_read_audio ??= cacheRead;
  }
  // What OpenAI's models of images put out are images. Those that speak take images in too.
  const makesImages = providerId === 'openai' && inputImage !== undefined && inputAudio === undefined;
  if (makesImages && output !== undefined) rates.output_image ??= output;
}

const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:Z|([+-])(\d{2}):(\d{2}))$/;
const DAY_MS = 86_400_000;

/** Milliseconds since midnight UTC. */
function timeOfDay(text: string): number {
  const [, hours, minutes, seconds, sign, offsetHours = '0', offsetMinutes = '0'] = TIME.exec(text) ?? [];
  if (hours === undefined) throw new Error(`a price is in force at a time that is not known: ${text}`);
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const localMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return (localMs - offset + DAY_MS) % DAY_MS;
}
