/**
 * Reads the messages of a chat completion request. A message that is not valid is refused with its position, never
 * skipped: an answer to half a conversation is useless. Fields that the neutral form does not have are named. Image URLs are
 * never fetched here: a client must not be able to make the gateway call any address.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { BlockHead, Message, RequestBlock } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import type { Extensions } from './extensions.ts';
import { CHAT, proofIn } from './facts.ts';

/** What is read of the messages of each role. */
const known = {
  system: new Set(['role', 'content']),
  developer: new Set(['role', 'content']),
  user: new Set(['role', 'content']),
  assistant: new Set(['role', 'content', 'refusal', 'tool_calls', 'function_call']),
  tool: new Set(['role', 'content', 'tool_call_id', 'name']),
} as const satisfies Readonly<Record<string, ReadonlySet<string>>>;

const knownOfTexts = new Set(['type', 'text', 'refusal']);
const knownOfImages = new Set(['type', 'image_url']);
const knownOfAddresses = new Set(['url']);

/** Throws `GatewayError` (`invalid_value`) that names the message and its field. */
export function readMessages(messages: readonly unknown[], extensions: Extensions): Message[] {
  return messages.map((value, position) => {
    const path = `messages[${position}]`;
    const message = asRecord(value);
    if (message === null) throw invalidValue(path, 'should be an object');
    const role = roleOf(message, path);
    extensions.addRest(message, known[role], 'messages');
    switch (role) {
      case 'system':
      case 'developer':
        return { role, blocks: texts(message.content, `${path}.content`, extensions) };
      case 'user':
        return { role, blocks: parts(message.content, `${path}.content`, extensions) };
      case 'assistant':
        return { role, blocks: [...assistantTexts(message, path, extensions), ...calls(message, path)] };
      case 'tool':
        return { role: 'user', blocks: [toolResult(message, path, extensions)] };
      default:
        return role satisfies never;
    }
  });
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
    ...(typeof refusal === 'string' ? [block({ type: 'refusal' }, refusal, `${path}.refusal`)] : []),
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
  const read = block({ type: 'call', callId, name, by: 'client' }, argumentsOf(called?.arguments), at);
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
  return block({ type: 'result', callId, name: asString(message.name), content, isError: false }, '', at);
}

/** The content of a user message or a tool result. */
function parts(content: unknown, path: string, extensions: Extensions): RequestBlock[] {
  if (typeof content === 'string') return [block({ type: 'text' }, content, path)];
  if (!Array.isArray(content)) throw invalidValue(path, 'should be a string or an array of parts');
  return content.map((value, position) => {
    const part = asRecord(value);
    const at = `${path}[${position}]`;
    if (part?.type === 'image_url') return image(part, `${at}.image_url`, extensions);
    return textPart(part, at, extensions) ?? foreign(part, at);
  });
}

/** The content of a system or assistant message. */
function texts(content: unknown, path: string, extensions: Extensions): RequestBlock[] {
  if (typeof content === 'string') return [block({ type: 'text' }, content, path)];
  if (!Array.isArray(content)) throw invalidValue(path, 'should be a string or an array of text parts');
  return content.map((value, position) => {
    const text = textPart(asRecord(value), `${path}[${position}]`, extensions);
    if (text === null) throw invalidValue(`${path}[${position}]`, 'should be a text');
    return text;
  });
}

function textPart(part: JsonRecord | null, at: string, extensions: Extensions): RequestBlock | null {
  const { type } = part ?? {};
  if (part === null || (type !== 'text' && type !== 'refusal')) return null;
  extensions.addRest(part, knownOfTexts, type);
  const text = asString(part[type]);
  return text === null ? null : block({ type }, text, at);
}

function image(part: JsonRecord, path: string, extensions: Extensions): RequestBlock {
  const described = asRecord(part.image_url);
  extensions.addRest(part, knownOfImages, 'image_url');
  extensions.addRest(described ?? {}, knownOfAddresses, 'image_url');
  const url = asString(described?.url) ?? asString(part.image_url);
  const at = `${path}.url`;
  if (url === null) throw invalidValue(at, 'should be a string');
  if (/^https?:\/\//i.test(url))
    return block({ type: 'media', kind: 'image', mediaType: null, name: null, from: 'url' }, url, at);
  // Split by index: a regular expression over megabytes of base64 would copy them again.
  const comma = url.indexOf(',');
  const mediaType = /^data:([\w.+/-]+);base64$/i.exec(url.slice(0, Math.max(comma, 0)))?.[1];
  if (mediaType === undefined) throw invalidValue(at, 'should be an http(s) address or a base64 data URL');
  return block({ type: 'media', kind: 'image', mediaType, name: null, from: 'data' }, url.slice(comma + 1), at);
}

/** A part of a kind that this dialect alone may know. */
function foreign(part: JsonRecord | null, at: string): RequestBlock {
  const name = asString(part?.type);
  const refusal = 'should be a text or an image_url: this provider takes no other parts';
  if (name === null || name === 'text' || name === 'refusal') throw invalidValue(at, refusal);
  return block({ type: 'foreign', of: CHAT, name, value: part, refusal }, '', at);
}

function block(head: BlockHead, text: string, at: string): RequestBlock {
  return { head, text, attached: [], at, cache: null };
}
