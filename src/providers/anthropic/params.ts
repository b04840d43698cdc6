/**
 * Translates the parameters other than messages and tools, or drops them. The names of all dropped parameters are sent
 * back to the client, except those whose value is only the default.
 */

import { asRecord, type JsonRecord } from '../../shared/json.ts';
import type { ChatRequest } from '../../wire/chat-completion.ts';
import { invalidValue, unsupported } from './refusal.ts';
import { asksForStrictTools } from './tools.ts';

/** Used if neither the client nor the configuration sets a limit; this dialect requires one. */
const DEFAULT_MAX_TOKENS = 4096;

const translated = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'stop',
  'n',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'thinking',
]);

/** Values that only repeat the default, in addition to null, false, [] and {}. */
const neutral: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['frequency_penalty', 0],
  ['presence_penalty', 0],
  ['top_logprobs', 0],
  ['service_tier', 'auto'],
  ['verbosity', 'medium'],
]);

interface Params {
  readonly fields: {
    readonly max_tokens: number;
    readonly temperature?: number;
    readonly top_p?: number;
    readonly stop_sequences?: readonly string[];
    readonly thinking?: JsonRecord;
  };
  readonly dropped: readonly string[];
}

/**
 * Translates the parameters. Throws `GatewayError` for a value of the wrong type, and for an unsupported parameter that
 * would change the meaning of the whole answer.
 */
export function makeParams(body: ChatRequest, model: string, configuredMaxTokens: number | null): Params {
  refuse(body);
  const dropped = new Set(Object.keys(body).filter((name) => !translated.has(name) && !isNeutral(name, body[name])));
  if (asksForStrictTools(body)) dropped.add('tools.strict');
  const limit = count(body, 'max_completion_tokens') ?? count(body, 'max_tokens');
  const sampling = makeSampling(body, model, dropped);
  const stops = stopSequences(body, dropped);
  const thinking = asRecord(body.thinking);
  if (thinking === null && !isNeutral('thinking', body.thinking)) dropped.add('thinking');
  return {
    fields: {
      max_tokens: limit ?? configuredMaxTokens ?? DEFAULT_MAX_TOKENS,
      ...sampling,
      ...(stops.length === 0 ? {} : { stop_sequences: stops }),
      // Not a parameter of OpenAI, but the way to request reasoning from this provider with an OpenAI client.
      ...(thinking === null ? {} : { thinking }),
    },
    dropped: printableNames(dropped),
  };
}

function refuse(body: ChatRequest): void {
  const answers = number(body, 'n');
  if (answers !== null && answers !== 1) throw unsupported('n', 'should be 1 for this provider: it gives one answer');
  for (const param of ['functions', 'function_call']) {
    if (body[param] === undefined || body[param] === null) continue;
    throw unsupported(param, 'is not supported by this provider: use tools');
  }
}

/**
 * Translates temperature and top_p. Here temperature is at most 1, and most models accept only one of the two. Models
 * since Claude 4.7 accept neither and refuse the whole request. For names that are not Claude's, nothing is assumed.
 */
function makeSampling(
  body: ChatRequest,
  model: string,
  dropped: Set<string>,
): { readonly temperature?: number; readonly top_p?: number } {
  const wanted = number(body, 'temperature');
  const topP = number(body, 'top_p');
  if (wanted !== null && wanted > 1) dropped.add('temperature');
  // 1 is the default of both dialects. It is left out, so that models which refuse the parameter can be used.
  const temperature = wanted === null || wanted >= 1 ? null : wanted;
  const nucleus = topP === 1 ? null : topP;
  if (model.includes('claude-') && !takesSampling.test(model)) {
    if (temperature !== null) dropped.add('temperature');
    if (nucleus !== null) dropped.add('top_p');
    return {};
  }
  if (temperature !== null) {
    if (nucleus !== null) dropped.add('top_p');
    return { temperature };
  }
  return nucleus === null ? {} : { top_p: nucleus };
}

/**
 * Matches every Claude up to 4.6, a closed list: `claude-3-7-sonnet-…`, `claude-sonnet-4-5`, `claude-opus-4-20250514`.
 */
const takesSampling = /claude-(?:2|3|instant|(?:opus|sonnet|haiku)-4(?:-[0-6])?(?!\d|-[7-9]))/;

function stopSequences(body: ChatRequest, dropped: Set<string>): string[] {
  const { stop } = body;
  if (stop === undefined || stop === null) return [];
  const stops: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  const texts = stops.filter((text) => typeof text === 'string');
  if (texts.length < stops.length) throw invalidValue('stop', 'should be a string or an array of strings');
  // Anthropic refuses blank stop sequences.
  const usable = texts.filter((text) => text.trim() !== '');
  if (usable.length < texts.length) dropped.add('stop');
  return usable;
}

function number(body: ChatRequest, param: string): number | null {
  const value = body[param];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return value;
  throw invalidValue(param, 'should be a number');
}

function count(body: ChatRequest, param: string): number | null {
  const value = number(body, param);
  if (value === null || (Number.isInteger(value) && value > 0)) return value;
  throw invalidValue(param, 'should be a whole number above 0');
}

function isNeutral(name: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === neutral.get(name)) return true;
  if (name === 'response_format') return asRecord(value)?.type === 'text';
  if (Array.isArray(value)) return value.every((each) => name === 'modalities' && each === 'text');
  const record = asRecord(value);
  return record !== null && Object.keys(record).length === 0;
}

/**
 * Names that are safe in a header: a name that a client invented must neither break the header nor make it too long.
 */
function printableNames(names: ReadonlySet<string>): string[] {
  const printable = [...names].map((name) => (/^[\w.-]{1,64}$/.test(name) ? name : 'other'));
  return [...new Set(printable)].slice(0, 32);
}
