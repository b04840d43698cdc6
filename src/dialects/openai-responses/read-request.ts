/**
 * Reads a request for a response into the neutral form. What that form does not have is an extension: of OpenAI's family
 * where chat completions have it under the same name, else of this dialect. It must be refused where the answer would be of
 * another form or lack what the client refers to; else it may be left out.
 *
 * What OpenAI keeps between requests (stored responses, conversations, prompts) is nowhere else: a request that refers to
 * it is refused, never answered without.
 */
import { GatewayError } from '../../shared/errors.ts';
import { asArray, asString, type JsonRecord } from '../../shared/json.ts';
import { requestBlock } from '../block-texts.ts';
import { OPENAI, ofOpenai } from '../families.ts';
import type { HubRequest, Message } from '../hub.ts';
import { unsupported } from '../refusal.ts';
import { numberField } from '../request-fields.ts';
import { Extensions } from './extensions.ts';
import { readItems } from './read-items.ts';
import { textAt } from './read-parts.ts';
import { readTools } from './read-tools.ts';
import { readAsWishes, readWishes } from './read-wishes.ts';

/** Of the neutral form, looked at by itself, or of no meaning for the answer. */
const understood = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'max_output_tokens',
  'temperature',
  'top_p',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'include',
  'metadata',
  'previous_response_id',
  'truncation',
  ...readAsWishes,
]);

/** Fields without which the answer would be another one. */
const refusals: ReadonlyMap<string, string> = new Map([
  ['background', 'should be false for this provider: it answers at once'],
  ['conversation', 'is kept by another provider than this one: send all items'],
  ['store', 'should be false for this provider: it keeps no responses'],
  ['top_logprobs', 'is not supported by this provider'],
]);

/** Throws `GatewayError` (400) that names the wrong field. */
export function readRequest(body: JsonRecord): HubRequest {
  checkState(body);
  checkPrompt(body);
  const extensions = new Extensions();
  const instructions = readInstructions(body.instructions);
  const messages = readItems(body.input, extensions);
  const { tools, choice } = readTools(body, extensions);
  const wishes = readWishes(body, extensions);
  readInclude(body.include, extensions);
  if (body.truncation !== 'disabled') extensions.add('truncation', body.truncation);
  for (const name of Object.keys(body)) {
    const isNone = understood.has(name) || (name === 'top_logprobs' && body[name] === 0);
    if (ofOpenai.has(name)) extensions.addOf(OPENAI, name, body[name]);
    else if (!isNone) extensions.add(name, body[name], refusals.get(name) ?? null);
  }
  return {
    messages: [...instructions, ...messages],
    tools,
    toolChoice: choice,
    parallelCalls: typeof body.parallel_tool_calls === 'boolean' ? body.parallel_tool_calls : null,
    maxTokens: numberField(body, 'max_output_tokens'),
    temperature: numberField(body, 'temperature'),
    topP: numberField(body, 'top_p'),
    stopSequences: [],
    stream: body.stream === true,
    wishes,
    extensions: extensions.all,
  };
}

/** A prompt that is kept may take the place of the input, so it is looked at before that. */
function checkPrompt({ prompt }: JsonRecord): void {
  if (prompt === undefined || prompt === null) return;
  throw unsupported('prompt', 'is kept by another provider than this one: send instructions and input');
}

/** By this code clients know that they must send the whole conversation. */
function checkState({ previous_response_id: previous }: JsonRecord): void {
  if (previous === undefined || previous === null) return;
  throw new GatewayError(
    'previous_response_not_found',
    'previous_response_id is not known to this provider, which keeps no responses: send all items.',
    { param: 'previous_response_id' },
  );
}

function readInstructions(value: unknown): Message[] {
  if (value === undefined || value === null || value === '') return [];
  return [{ role: 'system', blocks: [requestBlock({ type: 'text' }, textAt(value, 'instructions'), 'instructions')] }];
}

/** Encrypted reasoning is for OpenAI's own models: nothing is missing without it. */
function readInclude(include: unknown, extensions: Extensions): void {
  const names = asArray(include).map(asString);
  const isOther = names.some((name) => name !== 'reasoning.encrypted_content');
  extensions.add('include', names, isOther ? 'should hold reasoning.encrypted_content alone for this provider' : null);
}
