/**
 * How many tokens a provider did not count, told from bytes: of an answer that was cut off, that its client did not wait
 * for, or whose provider counts none. The bytes of a token differ by model and language, so they are learned from answers
 * whose tokens were counted:
 *
 *   an answer of 900 bytes and 250 tokens  ─►  both sums grow, what was before weighs a little less  ─►  3.6 bytes a token
 *
 * Sums, not a mean of quotients: a long answer says more than a short one. Pure: `(state, sample) → state`.
 */
import type { Usage } from '../../dialects/hub.ts';
import type { Said } from '../../dialects/said.ts';
import type { Estimate } from './token-counts.ts';

/** Bytes and tokens, the latest weighing most. */
interface Pace {
  readonly bytes: number;
  readonly tokens: number;
}

/** What a target has shown so far. */
export interface TokenPace {
  readonly input: Pace;
  readonly output: Pace;
}

/** What an attempt has shown when it ended. */
export interface SeenAttempt {
  readonly usage: Usage | null;
  /** Null where its answer is no text. */
  readonly said: Said | null;
  /** Bytes of text in the request. */
  readonly requestBytes: number;
  /**
   * `whole`: the answer came to its end. `broken`: it did not. `left`: its client did not wait for it. `unsent`: the provider
   * did not get the request.
   */
  readonly end: 'whole' | 'broken' | 'left' | 'unsent';
}

/** Before anything is learned: English text in most tokenizers. Weighs as much as 64 tokens. */
const UNKNOWN: Pace = { bytes: 256, tokens: 64 };

/** Nothing is learned from fewer tokens: what surrounds a text weighs too much in it. */
const FEWEST_TOKENS = 8;

/** Beyond these, the bytes are not those that were counted: images, thoughts that are not shown, a kept conversation. */
const LEAST_BYTES = 0.75;
const MOST_BYTES = 16;

/** One answer weighs no more than this. */
const MOST_TOKENS = 4_096;

/** What remains of the weight of all answers before, with each. */
const KEPT = 0.95;

/** Of a target that has shown nothing. */
export const unknownPace: TokenPace = { input: UNKNOWN, output: UNKNOWN };

/** What is known with one more answer; the same object where it teaches nothing. */
export function learned(pace: TokenPace, { usage, said, requestBytes, end }: SeenAttempt): TokenPace {
  if (usage === null || end !== 'whole') return pace;
  const input = paceWith(pace.input, requestBytes, usage.input);
  const output = said === null || said.isRough ? pace.output : outputPace(pace.output, usage, said);
  return input === pace.input && output === pace.output ? pace : { input, output };
}

/** What was not counted. Whole numbers from 0. */
export function estimated(pace: TokenPace, { usage, said, requestBytes, end }: SeenAttempt): Estimate {
  const produced = said === null ? 0 : said.text + said.reasoning;
  const wasAsked = produced > 0 || end === 'left';
  return {
    input: wasAsked && (usage?.input ?? 0) === 0 ? tokensOf(pace.input, requestBytes) : 0,
    output: said === null ? 0 : uncounted(pace.output, usage?.output ?? 0, said, end !== 'whole'),
  };
}

/**
 * Of an answer that came to its end, all or nothing was counted. Else what came after the last count was not; a count before
 * any text (Anthropic's) is of what follows it.
 */
function uncounted(pace: Pace, counted: number, said: Said, isCut: boolean): number {
  const produced = said.text + said.reasoning;
  if (counted === 0) return tokensOf(pace, produced);
  if (!isCut) return 0;
  return Math.max(0, tokensOf(pace, said.uncounted) - (said.uncounted === produced ? counted : 0));
}

/** Thoughts are counted apart where they are not shown, or only a summary is: then the text is what was written of the rest. */
function outputPace(pace: Pace, { output, reasoning }: Usage, { text, reasoning: thought }: Said): Pace {
  return reasoning > 0 ? paceWith(pace, text, output - reasoning) : paceWith(pace, text + thought, output);
}

function paceWith(pace: Pace, bytes: number, tokens: number): Pace {
  const each = bytes / tokens;
  if (!(tokens >= FEWEST_TOKENS && each >= LEAST_BYTES && each <= MOST_BYTES)) return pace;
  const weight = Math.min(tokens, MOST_TOKENS);
  return { bytes: pace.bytes * KEPT + each * weight, tokens: pace.tokens * KEPT + weight };
}

function tokensOf({ bytes: seen, tokens }: Pace, bytes: number): number {
  return Math.ceil((bytes * tokens) / seen);
}
