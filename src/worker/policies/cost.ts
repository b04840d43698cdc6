/**
 * What one answer costs, in whole nano-dollars: exact in picodollars, rounded once. Pure; the time of day is given.
 *
 * A kind that has a price of its own is taken out of the kind that holds it: cached tokens, audio and images out of the
 * input, thoughts out of the output. Without one, some cost what the kind that holds them costs, because that is how
 * providers bill them (`reasoning`, `input_image`) or because it is never too little (`cache_read`). The others have no
 * price then, and neither has the answer: writing to a cache, audio, and images that are made cost more than a text.
 */
import type { Usage } from '../../dialects/hub.ts';
import { MOST_NANO_USD, type ServerToolUses, type TokenCounts, type TokensCounted } from '../../shared/events.ts';
import type { PriceKind, PriceTable, SteppedRates } from '../../shared/prices.ts';

const PICO_PER_NANO = 1_000;

/** What a kind without a price of its own costs: as much as this one. */
const insteadOf: { readonly [kind in PriceKind]?: PriceKind } = {
  cache_read: 'input',
  cache_read_audio: 'input_audio',
  input_image: 'input',
  reasoning: 'output',
};

const DAY_MS = 86_400_000;

/**
 * Whole nano-dollars from 0 to `MOST_NANO_USD`; null where something was used whose price is not known. Estimated tokens
 * cost what counted ones do.
 *
 * @param wallMs in unix milliseconds @param geo the country that the answer was not to leave
 */
export function costOf(
  table: PriceTable,
  { counts, serverTools, tier }: Pick<TokensCounted, 'counts' | 'serverTools' | 'tier'>,
  wallMs: number,
  geo?: Usage['geo'],
): number | null {
  const list = listOf(table, tier, wallMs);
  if (list === null) return null;
  const bill = new Bill(list, (counts.input ?? 0) + (counts.estimated_input ?? 0));
  addInput(bill, counts);
  addOutput(bill, counts);
  if (geo === 'us') bill.scale(table.percentInUs ?? 100);
  if (serverTools !== undefined) addTools(bill, serverTools);
  return bill.nanoUsd;
}

/** The list in force; null where that tier has none. */
function listOf(table: PriceTable, tier: TokensCounted['tier'], wallMs: number): SteppedRates | null {
  if (tier !== undefined && tier !== 'default') return tier === 'other' ? null : (table.tiers?.[tier] ?? null);
  const { periods } = table;
  const dayMs = wallMs % DAY_MS;
  for (let index = periods.length - 1; index > 0; index -= 1) {
    const period = periods[index];
    if (period === undefined) continue;
    const { fromMs, daily } = period;
    if ((fromMs === undefined || wallMs >= fromMs) && (daily === undefined || isWithin(daily, dayMs))) return period;
  }
  return periods[0] ?? null;
}

function isWithin({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }, dayMs: number): boolean {
  return endMs < startMs ? dayMs >= startMs || dayMs < endMs : dayMs >= startMs && dayMs < endMs;
}

/** Adds up in whole picodollars. A sum above 2^53 is not exact, and beyond the most that counts. */
class Bill {
  readonly #list: SteppedRates;
  readonly #inputTokens: number;
  #picodollars: number;
  #isKnown = true;

  constructor(list: SteppedRates, inputTokens: number) {
    this.#list = list;
    this.#inputTokens = inputTokens;
    this.#picodollars = this.own('request') ?? 0;
  }

  /** The price that a kind has of its own; undefined for none. */
  own(kind: PriceKind): number | undefined {
    const { rates, steps } = this.#list;
    let rate = rates[kind];
    if (steps === undefined) return rate;
    for (const step of steps) if (this.#inputTokens > step.above) rate = step.rates[kind] ?? rate;
    return rate;
  }

  add(kind: PriceKind, count: number): void {
    if (count <= 0) return;
    let rate = this.own(kind);
    for (let other = insteadOf[kind]; rate === undefined && other !== undefined; other = insteadOf[other]) {
      rate = this.own(other);
    }
    if (rate === undefined) this.#isKnown = false;
    else this.#picodollars += count * rate;
  }

  /** Changes what was added so far. @param percent of it */
  scale(percent: number): void {
    this.#picodollars = Math.round((this.#picodollars * percent) / 100);
  }

  /** A tool of a kind that has no price. */
  addUnknown(count: number): void {
    if (count > 0) this.#isKnown = false;
  }

  get nanoUsd(): number | null {
    if (!this.#isKnown) return null;
    const pico = this.#picodollars;
    if (pico >= MOST_NANO_USD * PICO_PER_NANO) return MOST_NANO_USD;
    const rest = pico % PICO_PER_NANO;
    return (pico - rest) / PICO_PER_NANO + (rest * 2 >= PICO_PER_NANO ? 1 : 0);
  }
}

/** The parts first, each at most as large as what holds it and is left of it, so that no token is billed twice. */
function addInput(bill: Bill, counts: TokenCounts): void {
  const { input = 0, cache_read: read = 0, cache_write: write = 0, cache_write_1h: writeHour = 0 } = counts;
  const { cache_read_audio: readAudio = 0, input_audio: audio = 0, input_image: image = 0 } = counts;
  let left = input;
  const take = (kind: PriceKind, count: number, most: number): number => {
    const taken = Math.max(0, Math.min(count, most, left));
    bill.add(kind, taken);
    left -= taken;
    return taken;
  };
  const cachedAudio = take('cache_read_audio', readAudio, read);
  take('cache_read', read - cachedAudio, left);
  const hour = take('cache_write_1h', writeHour, write);
  take('cache_write', write - hour, left);
  take('input_audio', audio - cachedAudio, left);
  // Which of the cached tokens are an image's is not told: what is not left for them was read from the cache.
  take('input_image', image, left);
  bill.add('input', left + (counts.estimated_input ?? 0));
}

function addOutput(bill: Bill, counts: TokenCounts): void {
  const { output = 0, output_audio: audio = 0, output_image: image = 0, reasoning = 0 } = counts;
  let left = output;
  const take = (kind: PriceKind, count: number): void => {
    const taken = Math.min(count, left);
    bill.add(kind, taken);
    left -= taken;
  };
  take('output_audio', audio);
  take('output_image', image);
  take('reasoning', reasoning);
  bill.add('output', left + (counts.estimated ?? 0));
}

function addTools(bill: Bill, { other = 0, ...uses }: ServerToolUses): void {
  bill.addUnknown(other);
  for (const tool of ['web_search', 'web_fetch', 'code_execution', 'file_search', 'image_generation'] as const) {
    bill.add(tool, uses[tool] ?? 0);
  }
}
