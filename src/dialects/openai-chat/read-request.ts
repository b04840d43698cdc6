/**
 * Reads a chat completion request into the neutral form. What that form does not have becomes an extension of this
 * dialect, unless its value only repeats the default: a target of another dialect either refuses it by name or leaves it
 * out and says so.
 */
import type { JsonRecord } from '../../shared/json.ts';
import { OPENAI, ofOpenai } from '../families.ts';
import type { HubRequest } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { numberField } from '../request-fields.ts';
import { Extensions } from './extensions.ts';
import { readMessages } from './read-messages.ts';
import { readTools } from './read-tools.ts';
import { readAsWishes, readWishes } from './read-wishes.ts';

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
  'web_search_options',
  ...readAsWishes,
]);

/** Fields without which the answer would be another one. */
const refusals: ReadonlyMap<string, string> = new Map([
  ['audio', 'is not supported by this provider: it answers in text'],
  ['functions', 'is not supported by this provider: use tools'],
  ['function_call', 'is not supported by this provider: use tools'],
  ['logprobs', 'is not supported by this provider'],
  ['modalities', 'should be text alone for this provider'],
  ['store', 'should be false for this provider: it keeps no answers'],
  ['top_logprobs', 'is not supported by this provider'],
]);

/** Throws `GatewayError` (400) that names the wrong field. */
export function readRequest(body: JsonRecord): HubRequest {
  const answers = numberField(body, 'n');
  const params = {
    maxTokens: count(body, 'max_completion_tokens') ?? count(body, 'max_tokens'),
    temperature: numberField(body, 'temperature'),
    topP: numberField(body, 'top_p'),
    ...stopsIn(body),
  };
  if (!Array.isArray(body.messages)) throw invalidValue('messages', 'should be an array');
  const extensions = new Extensions();
  if (answers !== null && answers !== 1)
    extensions.add('n', answers, 'should be 1 for this provider: it gives one answer');
  const wishes = readWishes(body, extensions);
  for (const name of Object.keys(body)) {
    if (ofOpenai.has(name)) extensions.addOf(OPENAI, name, body[name]);
    else if (!understood.has(name)) extensions.add(name, body[name], refusals.get(name) ?? null);
  }
  addSearch(body.web_search_options, extensions);
  const messages = readMessages(body.messages, extensions);
  const { tools, choice } = readTools(body, extensions);
  return {
    ...params,
    messages,
    tools,
    toolChoice: choice,
    parallelCalls: typeof body.parallel_tool_calls === 'boolean' ? body.parallel_tool_calls : null,
    stream: body.stream === true,
    wishes,
    extensions: extensions.all,
  };
}

/** A tool that the provider runs, in a form of its own: `{}` turns it on. */
function addSearch(options: unknown, extensions: Extensions): void {
  extensions.addTool(
    'web_search_options',
    options,
    'web_search',
    'is not supported by this provider: it searches no web',
  );
}

function stopsIn({ stop }: JsonRecord): Pick<HubRequest, 'stopSequences' | 'stopsAt'> {
  if (stop === undefined || stop === null) return { stopSequences: [] };
  const stops: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  const texts = stops.filter((text) => typeof text === 'string');
  if (texts.length < stops.length) throw invalidValue('stop', 'should be a string or an array of strings');
  return { stopSequences: texts, stopsAt: 'stop' };
}

function count(body: JsonRecord, param: string): number | null {
  const value = numberField(body, param);
  if (value === null || (Number.isInteger(value) && value > 0)) return value;
  throw invalidValue(param, 'should be a whole number above 0');
}
