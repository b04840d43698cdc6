/**
 * Validates a chat completion request: only what routing needs, and what every provider would refuse, to save that
 * round trip. All other fields pass through unchanged.
 *
 * The scan (`wire/request-scan.ts`) has read the body while it came and knows where these fields are; only they are parsed.
 * It is written by hand and uses no schema, because it runs for every request and its messages name the field as OpenAI
 * does.
 */
import { GatewayError } from '../../../shared/errors.ts';
import { MOST_OF_A_TREE } from '../../../wire/bounded-json.ts';
import type { ChatOutline, ChatRequest, WholeRequest } from '../../../wire/chat-completion.ts';
import { type JsonFault, MAX_BYTES_OUTSIDE_STRINGS, MAX_DEPTH } from '../../../wire/json-scan.ts';
import { parseWithoutLongStrings } from '../../../wire/long-strings.ts';
import { AmbiguousKeyError, type ByteRange, requestShape, type ScanOf } from '../../../wire/request-scan.ts';

/** What the gateway reads of a chat completion, and what bounds the cost of its answer. */
export const chatShape = requestShape({
  keys: [
    'model',
    'messages',
    'stream',
    'stream_options',
    'n',
    'stop',
    'temperature',
    'max_tokens',
    'max_completion_tokens',
  ],
  sessionKeys: ['prompt_cache_key'],
  records: { under: 'messages', field: 'role' },
});

/** The scan of a chat completion. */
export type ChatScan = ScanOf<typeof chatShape>;

/** The value of a routing field that is longer is not parsed. */
const LONGEST_VALUE = 16 * 1024;

/** A longer session key, in bytes of UTF-8, is none. */
const LONGEST_SESSION_KEY = 1024;

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/** A request body, read as far as needed. */
export interface ReadRequest {
  readonly outline: ChatOutline;
  /** Where the model's name is, quotes included. */
  readonly modelAt: ByteRange;
  /** The whole request, as a tree. Throws `GatewayError` (400) if that would have too many branches. */
  whole(): WholeRequest;
}

/** Checks a body that was scanned to its end. Throws `GatewayError` (400) that names the wrong field. */
export function readChatRequest(bytes: Buffer, scan: ChatScan): ReadRequest {
  if (!scan.isObject) {
    throw new GatewayError('invalid_value', `The body should be a JSON object, got ${kindAt(bytes, scan.root)}.`);
  }
  const modelAt = scan.value('model');
  if (modelAt === null) throw missing('model');
  const outline = outlineOf(bytes, scan, modelAt);
  const { records, recordFault } = scan;
  const messagesAt = scan.value('messages');
  if (messagesAt === null) throw missing('messages');
  if (records === 0) throw invalid('messages', 'a non-empty array', kindAt(bytes, messagesAt));
  if (recordFault !== null) {
    const { path, isRecord, value } = recordFault;
    throw invalid(path, isRecord ? 'an object' : 'a string', kindAt(bytes, value));
  }
  const temperatureAt = scan.value('temperature');
  if (temperatureAt !== null && !isTemperature(parsedAt(bytes, temperatureAt))) {
    throw invalid('temperature', 'a number from 0 to 2', kindAt(bytes, temperatureAt));
  }
  const { stream } = outline;
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw invalid('stream', 'a boolean', kindAt(bytes, scan.value('stream')));
  }
  return { outline, modelAt, whole: () => wholeOf(bytes, scan) };
}

/** The body is known to be an object of that form. */
function wholeOf(bytes: Buffer, { bytesOutsideStrings, longStrings }: ChatScan): WholeRequest {
  if (bytesOutsideStrings <= MOST_OF_A_TREE) {
    const { value, encode } = parseWithoutLongStrings({ bytes, longStrings });
    return { tree: value as ChatRequest, encode };
  }
  const most = `more than ${MOST_OF_A_TREE} bytes outside of strings`;
  throw new GatewayError('invalid_value', `The body has ${most}, too many to be translated for a provider.`);
}

/** What the client gets for a body that the scan has refused. */
export function scanError(fault: JsonFault): GatewayError {
  if (fault instanceof AmbiguousKeyError) {
    const { key, written, isRepeated } = fault;
    const text = isRepeated ? `'${key}' occurs twice.` : `'${written}' is read as '${key}' by some providers.`;
    return new GatewayError('invalid_value', text, { param: written, cause: fault });
  }
  switch (fault.kind) {
    case 'depth':
      return new GatewayError('invalid_value', `The body is nested deeper than ${MAX_DEPTH} levels.`, { cause: fault });
    case 'shape':
      return new GatewayError(
        'invalid_value',
        `The body has more than ${MAX_BYTES_OUTSIDE_STRINGS} bytes outside of strings.`,
        { cause: fault },
      );
    case 'utf8':
      return new GatewayError('invalid_json', 'The body is not valid UTF-8.', { cause: fault });
    case 'surrogate':
      return new GatewayError('invalid_json', 'The body has an escape that is half a surrogate pair.', {
        cause: fault,
      });
    default:
      return new GatewayError('invalid_json', 'The body is not valid JSON.', { cause: fault });
  }
}

function outlineOf(bytes: Buffer, scan: ChatScan, modelAt: ByteRange): ChatOutline {
  const model = isLong(modelAt) && bytes[modelAt.start] === QUOTE ? longName(bytes, modelAt) : parsedAt(bytes, modelAt);
  if (typeof model !== 'string' || model === '') throw invalid('model', 'a non-empty string', kindAt(bytes, modelAt));
  const sessionKey = sessionKeyAt(bytes, scan.value('prompt_cache_key'));
  const outline: Record<string, unknown> & { model: string; sessionKey: string | null } = { model, sessionKey };
  for (const key of ['stream', 'stream_options', 'n', 'stop'] as const) {
    const range = scan.value(key);
    if (range !== null) outline[key] = parsedAt(bytes, range);
  }
  return outline as ChatOutline;
}

function sessionKeyAt(bytes: Buffer, range: ByteRange | null): string | null {
  if (range === null || isLong(range)) return null;
  const key = parsedAt(bytes, range);
  return typeof key === 'string' && Buffer.byteLength(key) <= LONGEST_SESSION_KEY ? key : null;
}

/** No model is configured under such a name, whatever follows. */
function longName(bytes: Buffer, { start }: ByteRange): string {
  return bytes.toString('latin1', start, start + LONGEST_VALUE);
}

function isLong({ start, end }: ByteRange): boolean {
  return end - start > LONGEST_VALUE;
}

/** The value; of a long one only what it is. */
function parsedAt(bytes: Buffer, range: ByteRange): unknown {
  if (!isLong(range)) return JSON.parse(bytes.toString('utf8', range.start, range.end));
  switch (bytes[range.start]) {
    case QUOTE:
      return 'long';
    case OPEN_BRACKET:
      return ['long'];
    case OPEN_BRACE:
      return {};
    default:
      return Number(bytes.toString('latin1', range.start, range.end));
  }
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

function isTemperature(value: unknown): boolean {
  if (value === null) return true;
  return typeof value === 'number' && value >= 0 && value <= 2;
}

function missing(param: string): GatewayError {
  return new GatewayError('missing_parameter', `Missing required parameter: '${param}'.`, { param });
}

function invalid(param: string, expected: string, got: string): GatewayError {
  return new GatewayError('invalid_value', `'${param}' should be ${expected}, got ${got}.`, { param });
}

/** Describes a value without text from the request. */
function kindAt(bytes: Buffer, range: ByteRange | null): string {
  if (range === null) return 'nothing';
  const value = parsedAt(bytes, range);
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'number') return String(value);
  if (value === '') return 'an empty string';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
