/**
 * Splits what `POST /api/try` gets into its parts without reading the request within: `body` is found as a range of bytes,
 * and never becomes a value of this process. Whether it is sound is for the data port to say.
 *
 * Pure. No message quotes the text.
 */
import { parseJson } from '../../shared/json.ts';

/** A request to try. */
export interface Envelope {
  readonly path: string;
  /** The bytes of the request's body, as they came. */
  readonly body: Buffer;
  /** The client key to send it with; null if none was given. */
  readonly key: string | null;
}

/** What may be tried: the chats, whose answers cost little and store nothing by themselves. */
const triedPaths: readonly string[] = ['/v1/chat/completions', '/v1/messages', '/v1/responses'];

const expected = 'the body should be an object of JSON with path, body and maybe key, each once';

/** The parts of an envelope, or why it is none. */
export function openEnvelope(bytes: Buffer): Envelope | string {
  const members = membersOf(bytes);
  if (members === null) return expected;
  const [path, key = null] = ['path', 'key'].map((name) => textIn(bytes, members.get(name)));
  const body = members.get('body');
  if (path === undefined || path === null || body === undefined) return expected;
  if (!triedPaths.includes(path)) return `path should be one of ${triedPaths.join(', ')}`;
  if (members.has('key') && (key === null || !/^[\x21-\x7e]*$/.test(key))) {
    return 'key should be a text of visible ASCII characters without spaces';
  }
  return { path, body: bytes.subarray(body.from, body.to), key: key === '' ? null : key };
}

/** From its first byte to behind its last one. */
interface Range {
  readonly from: number;
  readonly to: number;
}

const names: ReadonlySet<unknown> = new Set(['path', 'body', 'key']);

function textIn(bytes: Buffer, range: Range | undefined): string | null {
  if (range === undefined) return null;
  const value = parseJson(bytes.toString('utf8', range.from, range.to));
  return typeof value === 'string' ? value : null;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const opening: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const closing: ReadonlySet<number> = new Set([0x7d, 0x5d]);
const spaces: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** The values of the outermost object by their names; null if it is none, or has other names, or one of them twice. */
function membersOf(bytes: Buffer): ReadonlyMap<unknown, Range> | null {
  const members = new Map<unknown, Range>();
  let at = skipSpaces(bytes, 0);
  if (bytes[at] !== 0x7b) return null;
  do {
    const nameFrom = skipSpaces(bytes, at + 1);
    const nameTo = endOfText(bytes, nameFrom);
    const colon = skipSpaces(bytes, nameTo);
    const name = textIn(bytes, { from: nameFrom, to: nameTo });
    if (bytes[colon] !== COLON || !names.has(name) || members.has(name)) return null;
    const from = skipSpaces(bytes, colon + 1);
    const to = endOfValue(bytes, from);
    if (to === from) return null;
    members.set(name, { from, to });
    at = skipSpaces(bytes, to);
  } while (bytes[at] === COMMA);
  return bytes[at] === 0x7d && skipSpaces(bytes, at + 1) === bytes.length ? members : null;
}

function skipSpaces(bytes: Buffer, from: number): number {
  let at = from;
  while (spaces.has(bytes[at] ?? 0)) at += 1;
  return at;
}

/** Behind the text that begins here; here, if none does. */
function endOfText(bytes: Buffer, from: number): number {
  if (bytes[from] !== QUOTE) return from;
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return Math.min(at + 1, bytes.length);
}

/** Behind the value that begins here: before the comma or bracket that follows it. Only brackets are counted. */
function endOfValue(bytes: Buffer, from: number): number {
  let depth = 0;
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      at = endOfText(bytes, at);
      continue;
    }
    if (depth === 0 && (byte === COMMA || closing.has(byte))) break;
    if (opening.has(byte)) depth += 1;
    if (closing.has(byte)) depth -= 1;
    at += 1;
  }
  while (at > from && spaces.has(bytes[at - 1] ?? 0)) at -= 1;
  return at;
}
