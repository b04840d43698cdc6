/**
 * Validates a chat completion request: only what routing needs, and what every provider would refuse, to save that
 * round trip. All other fields pass through unchanged.
 *
 * It is written by hand and uses no schema, because it runs for every request and its messages name the field as OpenAI
 * does.
 */
import { isAscii } from 'node:buffer';
import { GatewayError } from '../../../shared/errors.ts';
import type { ChatOutline, ChatRequest } from '../../../wire/chat-completion.ts';
import { skimJson } from '../../../wire/json-skim.ts';

/** Bodies of this size or larger are skimmed (`json-skim.ts`). */
const LARGE_BYTES = 64 * 1024;

/** A request body, read as far as needed. */
export interface ReadRequest {
  readonly outline: ChatOutline;
  /** The whole request. Throws `GatewayError` (400) if a long string is not valid JSON. */
  whole(): ChatRequest;
}

/** Reads and checks a body. Throws `GatewayError` (400) that names the wrong field. */
export function readChatRequest(bytes: Buffer): ReadRequest {
  const skimmed = bytes.length < LARGE_BYTES ? null : skimJson(bytes);
  if (skimmed !== null) return { outline: checked(skimmed), whole: () => checked(decoded(bytes)) };
  const chat = checked(decoded(bytes));
  return { outline: chat, whole: () => chat };
}

/** Decodes a body. A large one is nearly always pure ASCII and needs no UTF-8 decoder. */
function decoded(bytes: Buffer): string {
  return bytes.toString(bytes.length >= LARGE_BYTES && isAscii(bytes) ? 'latin1' : 'utf8');
}

function checked(json: string): ChatRequest {
  const body = parseJson(json);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new GatewayError('invalid_value', `The body should be a JSON object, got ${kindOf(body)}.`);
  }
  const { model, messages, temperature, stream } = body as Record<string, unknown>;
  if (model === undefined) throw missing('model');
  if (typeof model !== 'string' || model === '') throw invalid('model', 'a non-empty string', model);
  if (messages === undefined) throw missing('messages');
  if (!Array.isArray(messages) || messages.length === 0) throw invalid('messages', 'a non-empty array', messages);
  for (const [index, message] of messages.entries()) checkMessage(message, `messages[${index}]`);
  if (!isTemperature(temperature)) throw invalid('temperature', 'a number from 0 to 2', temperature);
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw invalid('stream', 'a boolean', stream);
  }
  return body as ChatRequest;
}

/** Whether the client requests the usage chunk at the end of its stream. */
export function wantsUsage({ stream_options: options }: ChatOutline): boolean {
  return (
    typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true
  );
}

/** The number of answers that the client wants. */
export function choicesOf({ n }: ChatOutline): number {
  return typeof n === 'number' && n > 1 ? n : 1;
}

/** Whether the client named stop sequences, one of which the model may meet with its first token. */
export function hasStop({ stop }: ChatOutline): boolean {
  return typeof stop === 'string' || (Array.isArray(stop) && stop.length > 0);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('invalid_json', 'The body is not valid JSON.', { cause });
  }
}

function checkMessage(message: unknown, path: string): void {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw invalid(path, 'an object', message);
  }
  const { role } = message as Record<string, unknown>;
  if (typeof role !== 'string') throw invalid(`${path}.role`, 'a string', role);
}

function isTemperature(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'number' && value >= 0 && value <= 2;
}

function missing(param: string): GatewayError {
  return new GatewayError('missing_parameter', `Missing required parameter: '${param}'.`, { param });
}

function invalid(param: string, expected: string, value: unknown): GatewayError {
  return new GatewayError('invalid_value', `'${param}' should be ${expected}, got ${kindOf(value)}.`, { param });
}

/** Describes a value without text from the request. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'number') return String(value);
  if (value === '') return 'an empty string';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
