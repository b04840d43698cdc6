/**
 * Reads the few values that routing needs from the bytes of a scanned request, and says what is wrong with one. The
 * messages name the field as OpenAI does, and quote no text of the request.
 */
import { GatewayError } from '../shared/errors.ts';
import { asRecord } from '../shared/json.ts';
import { MOST_OF_A_TREE } from '../wire/bounded-json.ts';
import { type ParsedText, parseWithoutLongStrings } from '../wire/long-strings.ts';
import type { ByteRange, RequestScan } from '../wire/request-scan.ts';

/** A longer value is not parsed. */
const LONGEST_VALUE = 16 * 1024;

/** A longer session key, in bytes of UTF-8, is none. */
const LONGEST_SESSION_KEY = 1024;

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/** The value; of a long one only what it is. */
export function valueAt(bytes: Buffer, range: ByteRange): unknown {
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

/** The model's name. Throws `invalid_value`. */
export function modelAt(bytes: Buffer, range: ByteRange): string {
  // No model is configured under such a long name, whatever follows.
  const isLongName = isLong(range) && bytes[range.start] === QUOTE;
  const model = isLongName ? bytes.toString('latin1', range.start, range.start + LONGEST_VALUE) : valueAt(bytes, range);
  if (typeof model !== 'string' || model === '') throw invalid('model', 'a non-empty string', kindAt(bytes, range));
  return model;
}

/** Whether a stream is wanted. Throws `invalid_value`. */
export function streamAt(bytes: Buffer, range: ByteRange | null): boolean {
  const stream = range === null ? null : valueAt(bytes, range);
  if (stream !== null && typeof stream !== 'boolean') throw invalid('stream', 'a boolean', kindAt(bytes, range));
  return stream === true;
}

/** Throws `invalid_value` for a temperature that no provider takes: one beyond 0..2. */
export function checkTemperature(bytes: Buffer, range: ByteRange | null): void {
  const value = range === null ? null : valueAt(bytes, range);
  if (range === null || value === null || (typeof value === 'number' && value >= 0 && value <= 2)) return;
  throw invalid('temperature', 'a number from 0 to 2', kindAt(bytes, range));
}

/** The session key; null where there is none that can be used. */
export function sessionKeyAt(bytes: Buffer, range: ByteRange | null): string | null {
  if (range === null || isLong(range)) return null;
  const key = valueAt(bytes, range);
  return typeof key === 'string' && Buffer.byteLength(key) <= LONGEST_SESSION_KEY ? key : null;
}

/** Whether the client requests the usage chunk at the end of its stream. @param range of `stream_options` */
export function includesUsageAt(bytes: Buffer, range: ByteRange | null): boolean {
  return range !== null && asRecord(valueAt(bytes, range))?.include_usage === true;
}

/** The number of answers that the client wants. @param range of `n` */
export function choicesAt(bytes: Buffer, range: ByteRange | null): number {
  const n = range === null ? null : valueAt(bytes, range);
  return typeof n === 'number' && n > 1 ? n : 1;
}

/** Whether the client named stop sequences, one of which the model may meet with its first token. @param range of `stop` */
export function hasStopAt(bytes: Buffer, range: ByteRange | null): boolean {
  const stop = range === null ? null : valueAt(bytes, range);
  return typeof stop === 'string' || (Array.isArray(stop) && stop.length > 0);
}

/** What a scan says of a request of any shape. */
type ScannedBody = Omit<RequestScan<never>, 'value'>;

/** Throws `invalid_value` unless the body is an object. */
export function checkObject(bytes: Buffer, { isObject, root }: ScannedBody): void {
  if (isObject) return;
  throw new GatewayError('invalid_value', `The body should be a JSON object, got ${kindAt(bytes, root)}.`);
}

/** Throws unless the list of records is there, is not empty and holds what it should. */
export function checkRecords(bytes: Buffer, scan: ScannedBody, name: string, range: ByteRange | null): void {
  if (range === null) throw missing(name);
  if (scan.records === 0) throw invalid(name, 'a non-empty array', kindAt(bytes, range));
  if (scan.recordFault === null) return;
  const { path, expected, value } = scan.recordFault;
  throw invalid(path, expected === 'object' ? 'an object' : 'a string', kindAt(bytes, value));
}

/** The whole request as a tree. Throws `GatewayError` (400) if that would have too many branches. */
export function treeOf(bytes: Buffer, { bytesOutsideStrings, longStrings }: ScannedBody): ParsedText {
  if (bytesOutsideStrings <= MOST_OF_A_TREE) return parseWithoutLongStrings({ bytes, longStrings });
  const most = `more than ${MOST_OF_A_TREE} bytes outside of strings`;
  throw new GatewayError('invalid_value', `The body has ${most}, too many to be translated for a provider.`);
}

/** The error for a field that has to be there. */
export function missing(param: string): GatewayError {
  return new GatewayError('missing_parameter', `Missing required parameter: '${param}'.`, { param });
}

/** The error for a field that is not as it should be. */
export function invalid(param: string, expected: string, got: string): GatewayError {
  return new GatewayError('invalid_value', `'${param}' should be ${expected}, got ${got}.`, { param });
}

/** Describes a value without text from the request. */
export function kindAt(bytes: Buffer, range: ByteRange | null): string {
  if (range === null) return 'nothing';
  const value = valueAt(bytes, range);
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'number') return String(value);
  if (value === '') return 'an empty string';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isLong({ start, end }: ByteRange): boolean {
  return end - start > LONGEST_VALUE;
}
