/**
 * Reads a chat completion request into the neutral form. What that form does not have becomes an extension of this
 * dialect, unless its value only repeats the default: a target of another dialect either refuses it by name or leaves it
 * out and says so.
 */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import type { Extension, HubRequest } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { numberField } from '../request-fields.ts';
import { CHAT } from './facts.ts';
import { readMessages } from './read-messages.ts';
import { readTools } from './read-tools.ts';

/** Of the neutral form, or of no meaning for the answer. */
const understood = new Set([
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

/** Fields without which the answer would be another one. */
const refusals: ReadonlyMap<string, string> = new Map([
  ['functions', 'is not supported by this provider: use tools'],
  ['function_call', 'is not supported by this provider: use tools'],
]);

/** Throws `GatewayError` (400) that names the wrong field. */
export function readRequest(body: JsonRecord): HubRequest {
  const answers = numberField(body, 'n');
  const params = {
    maxTokens: count(body, 'max_completion_tokens') ?? count(body, 'max_tokens'),
    temperature: numberField(body, 'temperature'),
    topP: numberField(body, 'top_p'),
    stopSequences: stopSequences(body),
  };
  if (!Array.isArray(body.messages)) throw invalidValue('messages', 'should be an array');
  const messages = readMessages(body.messages);
  const { tools, choice, extensions } = readTools(body);
  return {
    ...params,
    messages,
    tools,
    toolChoice: choice,
    parallelCalls: typeof body.parallel_tool_calls === 'boolean' ? body.parallel_tool_calls : null,
    stream: body.stream === true,
    wantsUsage: asRecord(body.stream_options)?.include_usage === true,
    extensions: [
      ...(answers === null || answers === 1
        ? []
        : [extension('n', answers, 'should be 1 for this provider: it gives one answer')]),
      ...Object.keys(body).flatMap((name) =>
        understood.has(name) || isNeutral(name, body[name])
          ? []
          : [extension(name, body[name], refusals.get(name) ?? null)],
      ),
      ...thinking(body),
      ...extensions,
    ],
  };
}

function extension(name: string, value: unknown, refusal: string | null): Extension {
  return { of: CHAT, name, value, refusal };
}

/** Not a parameter of OpenAI, but the way to ask Anthropic's models to reason with an OpenAI client. */
function thinking({ thinking: value }: JsonRecord): Extension[] {
  if (asRecord(value) !== null) return [{ of: 'anthropic-messages', name: 'thinking', value, refusal: null }];
  return isNeutral('thinking', value) ? [] : [extension('thinking', value, null)];
}

function stopSequences({ stop }: JsonRecord): string[] {
  if (stop === undefined || stop === null) return [];
  const stops: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  const texts = stops.filter((text) => typeof text === 'string');
  if (texts.length < stops.length) throw invalidValue('stop', 'should be a string or an array of strings');
  return texts;
}

function count(body: JsonRecord, param: string): number | null {
  const value = numberField(body, param);
  if (value === null || (Number.isInteger(value) && value > 0)) return value;
  throw invalidValue(param, 'should be a whole number above 0');
}

function isNeutral(name: string, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (refusals.has(name)) return false;
  if (value === false || value === neutral.get(name)) return true;
  if (name === 'response_format') return asRecord(value)?.type === 'text';
  if (Array.isArray(value)) return value.every((each) => name === 'modalities' && each === 'text');
  const record = asRecord(value);
  return record !== null && Object.keys(record).length === 0;
}
