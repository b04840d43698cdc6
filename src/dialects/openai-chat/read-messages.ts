/**
 * Reads the messages of a chat completion request. A message that is not valid is refused with its position, never
 * skipped: an answer to half a conversation is useless. Fields that the neutral form does not have are named.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { requestBlock } from '../block-texts.ts';
import type { Message, RequestBlock } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { cacheMark } from '../wishes.ts';
import type { Extensions } from './extensions.ts';
import { proofIn } from './facts.ts';
import { marked, parts, texts } from './read-parts.ts';
import { withThoughts } from './thoughts.ts';

/** What is read of the messages of each role. */
const known = {
  system: new Set(['role', 'content', 'cache_control']),
  developer: new Set(['role', 'content', 'cache_control']),
  user: new Set(['role', 'content', 'cache_control']),
  assistant: new Set([
    'role',
    'content',
    'refusal',
    'tool_calls',
    'function_call',
    'cache_control',
    'reasoning',
    'reasoning_content',
    'reasoning_details',
    'thinking_blocks',
  ]),
  tool: new Set(['role', 'content', 'tool_call_id', 'name', 'cache_control']),
} as const satisfies Readonly<Record<string, ReadonlySet<string>>>;

/** Throws `GatewayError` (`invalid_value`) that names the message and its field. */
export function readMessages(messages: readonly unknown[], extensions: Extensions): Message[] {
  return messages.map((value, position) => {
    const path = `messages[${position}]`;
    const message = asRecord(value);
    if (message === null) throw invalidValue(path, 'should be an object');
    const { role, blocks } = readMessage(message, path, extensions);
    if (cacheMark(message.cache_control) === null) extensions.add('messages.cache_control', message.cache_control);
    return { role, blocks: marked(blocks, message) };
  });
}

function readMessage(message: JsonRecord, path: string, extensions: Extensions): Message {
  const role = roleOf(message, path);
  extensions.addRest(message, known[role], 'messages');
  switch (role) {
    case 'system':
    case 'developer':
      return { role, blocks: texts(message.content, `${path}.content`, extensions) };
    case 'user':
      return { role, blocks: parts(message.content, `${path}.content`, extensions) };
    case 'assistant': {
      const said = [...assistantTexts(message, path, extensions), ...calls(message, path)];
      return { role, blocks: withThoughts(message, path, said, extensions) };
    }
    case 'tool':
      return { role: 'user', blocks: [toolResult(message, path, extensions)] };
    default:
      return role satisfies never;
  }
}

function roleOf({ role }: JsonRecord, path: string): keyof typeof known {
  if (typeof role === 'string' && Object.hasOwn(known, role)) return role as keyof typeof known;
  throw invalidValue(`${path}.role`, 'should be system, developer, user, assistant or tool');
}

function assistantTexts(message: JsonRecord, path: string, extensions: Extensions): RequestBlock[] {
  if (message.function_call !== undefined && message.function_call !== null) {
    throw invalidValue(`${path}.function_call`, 'is not supported here: use tool_calls');
  }
  const { content, refusal } = message;
  return [
    ...(content === null || content === undefined ? [] : texts(content, `${path}.content`, extensions)),
    // A client sends an answer back as it got it.
    ...(typeof refusal === 'string' ? [requestBlock({ type: 'refusal' }, refusal, `${path}.refusal`)] : []),
  ];
}

function calls({ tool_calls: value }: JsonRecord, path: string): RequestBlock[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw invalidValue(`${path}.tool_calls`, 'should be an array');
  return value.map((call, position) => toolCall(call, `${path}.tool_calls[${position}]`));
}

function toolCall(value: unknown, path: string): RequestBlock {
  const call = asRecord(value);
  const called = asRecord(call?.function);
  const callId = asString(call?.id);
  const name = asString(called?.name);
  if (callId === null) throw invalidValue(`${path}.id`, 'should be a string');
  if (name === null) throw invalidValue(`${path}.function.name`, 'should be a string');
  const at = `${path}.function.arguments`;
  const read = requestBlock({ type: 'call', callId, name, by: 'client' }, argumentsOf(called?.arguments), at);
  return { ...read, attached: proofIn(call ?? {}) };
}

/** JSON as text. Clients of servers with an own API send the object itself. */
function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function toolResult(message: JsonRecord, path: string, extensions: Extensions): RequestBlock {
  const callId = asString(message.tool_call_id);
  if (callId === null) throw invalidValue(`${path}.tool_call_id`, 'should be a string');
  const at = `${path}.content`;
  const content = parts(message.content, at, extensions);
  return requestBlock({ type: 'result', callId, name: asString(message.name), content, isError: false }, '', at);
}
