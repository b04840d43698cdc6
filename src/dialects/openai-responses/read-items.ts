/**
 * Reads the items of the input, each a message of its own: writers join what their dialect wants in one.
 *
 *   message                     → its role's message
 *   function_call, custom_…     → a call of the assistant's, under the name that other dialects know (`client-tools.ts`)
 *   …_output                    → what a tool gave back, from the user
 *   additional_tools            → tools of the request, wherever it stands (`client-tools.ts`)
 *   reasoning                   → a thought; what its provider has encrypted or signed goes with it, for that one alone
 *
 * A step that a provider took by itself (a search) may be left out, since the text that came of it follows. Everything
 * else that other dialects have no words for is refused with its place: an answer to half a conversation is useless.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { requestBlock } from '../block-texts.ts';
import type { Message, RequestBlock } from '../hub.ts';
import { markedIn } from '../plain-thoughts.ts';
import { invalidValue, unsupported } from '../refusal.ts';
import { CUSTOM_INPUT, calledName } from './client-tools.ts';
import type { Extensions } from './extensions.ts';
import { joinedTexts } from './read-output.ts';
import { readContent, textAt } from './read-parts.ts';
import { unsealed } from './sealed-thought.ts';

/** What providers did by themselves. */
const doneByProvider = new Set([
  'code_interpreter_call',
  'file_search_call',
  'image_generation_call',
  'mcp_call',
  'mcp_list_tools',
  'web_search_call',
]);

const REFERENCE_REFUSAL =
  'is kept by OpenAI: this provider needs the item itself, which clients send that ask with `store: false`';

/** Items that other providers cannot read, and why. */
const refusals: ReadonlyMap<string, string> = new Map([
  ['compaction', 'can be read by OpenAI alone: this provider needs the conversation itself'],
]);

const common = ['type', 'id', 'status'];

/** What is read of each kind of item. */
const known = new Map(
  Object.entries({
    message: ['role', 'content', 'phase'],
    function_call: ['call_id', 'name', 'arguments', 'namespace'],
    custom_tool_call: ['call_id', 'name', 'input', 'namespace'],
    function_call_output: ['call_id', 'output'],
    custom_tool_call_output: ['call_id', 'output'],
    reasoning: ['summary', 'content', 'encrypted_content'],
  }).map(([type, fields]) => [type, new Set([...common, ...fields])]),
);

/** Throws `GatewayError` (400) that names the item and its field. */
export function readItems(input: unknown, extensions: Extensions): Message[] {
  if (typeof input === 'string') return [{ role: 'user', blocks: [requestBlock({ type: 'text' }, input, 'input')] }];
  if (!Array.isArray(input)) throw invalidValue('input', 'should be a string or an array');
  return input.flatMap((value, position) => {
    const path = `input[${position}]`;
    const item = asRecord(value);
    if (item === null) throw invalidValue(path, 'should be an object');
    return readItem(item, path, extensions);
  });
}

function readItem(item: JsonRecord, path: string, extensions: Extensions): Message[] {
  // An item with nothing but its id refers to one that is kept.
  const type = asString(item.type) ?? (isIdAlone(item) ? 'item_reference' : 'message');
  const fields = known.get(type);
  if (fields !== undefined) extensions.addRest(item, fields, type);
  switch (type) {
    case 'message':
      return [readMessage(item, path, extensions)];
    case 'function_call':
      return [assistant(call(item, textAt(item.arguments, `${path}.arguments`), path))];
    case 'custom_tool_call': {
      const text = textAt(item.input, `${path}.input`);
      return [assistant(call(item, JSON.stringify({ [CUSTOM_INPUT]: text }), path))];
    }
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [{ role: 'user', blocks: [result(item, path, extensions)] }];
    case 'reasoning':
      return [assistant(thought(item, path))];
    case 'item_reference':
      // The thoughts of another provider could not be read here. What was said and called is another thing.
      if (!/^rs_/.test(asString(item.id) ?? '')) throw unsupported(path, REFERENCE_REFUSAL);
      extensions.add(type, item);
      return [];
    case 'additional_tools':
      return [];
    default:
      if (!doneByProvider.has(type)) {
        throw unsupported(path, refusals.get(type) ?? `should be no ${printable(type)} for this provider`);
      }
      extensions.add(type, item);
      return [];
  }
}

function isIdAlone(item: JsonRecord): boolean {
  return asString(item.id) !== null && Object.keys(item).every((name) => name === 'id' || name === 'type');
}

function readMessage(item: JsonRecord, path: string, extensions: Extensions): Message {
  const { role, content } = item;
  extensions.add('phase', item.phase);
  switch (role) {
    case 'user':
    case 'assistant':
    case 'system':
    case 'developer':
      return { role, blocks: readContent(content, `${path}.content`, extensions) };
    default:
      throw invalidValue(`${path}.role`, 'should be user, assistant, system or developer');
  }
}

function assistant(block: RequestBlock): Message {
  return { role: 'assistant', blocks: [block] };
}

function call(item: JsonRecord, input: string, path: string): RequestBlock {
  const callId = textAt(item.call_id, `${path}.call_id`);
  const name = calledName(asString(item.namespace), textAt(item.name, `${path}.name`));
  return requestBlock({ type: 'call', callId, name, by: 'client' }, input, path);
}

function result(item: JsonRecord, path: string, extensions: Extensions): RequestBlock {
  const callId = textAt(item.call_id, `${path}.call_id`);
  const at = `${path}.output`;
  const content = readContent(item.output, at, extensions);
  return requestBlock({ type: 'result', callId, name: null, content, isError: false }, '', at);
}

function thought(item: JsonRecord, path: string): RequestBlock {
  const raw = joinedTexts(item.content, '\n');
  const summary = joinedTexts(item.summary, '\n\n');
  const form = raw !== '' ? 'raw' : summary !== '' ? 'summary' : 'hidden';
  const block = requestBlock({ type: 'reasoning', form }, raw || summary, path);
  const data = asString(item.encrypted_content);
  const marked = data === null ? null : markedIn(data);
  if (marked !== null) {
    return { ...requestBlock({ type: 'reasoning', form: 'raw' }, marked.rest, path), attached: [marked.proof] };
  }
  return data === null ? block : { ...block, attached: [unsealed(data, form === 'hidden')] };
}

/** A name that a client invented is not repeated. */
function printable(type: string): string {
  return /^\w{1,64}$/.test(type) ? type : 'item of that type';
}
