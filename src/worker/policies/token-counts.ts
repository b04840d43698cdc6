/**
 * What is counted of an answer: the provider's own numbers as far as they are counts, and what it did not count. The one
 * place where a provider's numbers become ours, so a number that it makes up is bounded here.
 */
import type { Usage } from '../../dialects/hub.ts';
import {
  MOST_COUNTED,
  type ServerToolUses,
  serverTools,
  type TokenCounts,
  type TokensCounted,
  tokenTypes,
} from '../../shared/events.ts';

/** Tokens that the provider did not count. Whole numbers from 0. */
export interface Estimate {
  readonly input: number;
  readonly output: number;
}

/** What one answer has used, as an event holds it. */
type Consumption = Pick<TokensCounted, 'counts' | 'serverTools' | 'tier'>;

type Writable<T> = { -readonly [field in keyof T]: T[field] };

const NO_ESTIMATE: Estimate = { input: 0, output: 0 };

/** Null where there is nothing to count. What is no whole number above 0 is left out. */
export function consumptionOf(usage: Usage | null, estimate: Estimate = NO_ESTIMATE): Consumption | null {
  const counts = tokenCounts(usage, estimate);
  const uses = usage?.serverTools === undefined ? null : toolCounts(usage.serverTools);
  const tier = usage?.speed ?? usage?.tier;
  if (counts === null && uses === null) return null;
  const consumption: Writable<Consumption> = { counts: counts ?? {} };
  if (uses !== null) consumption.serverTools = uses;
  if (tier !== undefined) consumption.tier = tier;
  return consumption;
}

function tokenCounts(usage: Usage | null, { input, output }: Estimate): TokenCounts | null {
  const counts: Writable<TokenCounts> = {};
  let isAny = false;
  for (const kind of tokenTypes) {
    const count = asBounded(countOf(kind, usage, input, output));
    if (count === 0) continue;
    counts[kind] = count;
    isAny = true;
  }
  return isAny ? counts : null;
}

function countOf(
  kind: (typeof tokenTypes)[number],
  usage: Usage | null,
  estimatedInput: number,
  estimated: number,
): number | undefined {
  switch (kind) {
    case 'input':
      return usage?.input;
    case 'output':
      return usage?.output;
    case 'cache_read':
      return usage?.cacheRead;
    case 'cache_write':
      return usage?.cacheWrite;
    case 'cache_write_1h':
      return usage?.cacheWrite1h;
    case 'cache_read_audio':
      return usage?.cachedAudio;
    case 'reasoning':
      return usage?.reasoning;
    case 'input_audio':
      return usage?.inputAudio;
    case 'output_audio':
      return usage?.outputAudio;
    case 'input_image':
      return usage?.inputImage;
    case 'output_image':
      return usage?.outputImage;
    case 'estimated':
      return estimated;
    case 'estimated_input':
      return estimatedInput;
    default:
      return kind satisfies never;
  }
}

function toolCounts(uses: ServerToolUses): ServerToolUses | null {
  const counts: Writable<ServerToolUses> = {};
  let isAny = false;
  for (const tool of serverTools) {
    const count = asBounded(uses[tool]);
    if (count === 0) continue;
    counts[tool] = count;
    isAny = true;
  }
  return isAny ? counts : null;
}

/** A count, at most `MOST_COUNTED`; 0 for what is none. */
function asBounded(count: number | undefined): number {
  if (count === undefined || !Number.isInteger(count) || count < 0) return 0;
  return Math.min(count, MOST_COUNTED);
}
