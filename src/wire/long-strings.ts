/**
 * Parses a large JSON text without its long strings, for a translation that moves them but does not read them: a short
 * mark stands for the rest of each, and becomes it again, byte for byte, in what is written. Otherwise a prompt of 30 MB
 * is decoded, parsed, written and encoded in one turn, and is in memory five times.
 *
 *   "data:image/png;base64,iVBORw0K…"  ──►  "data:image/png;base64,iVBO‹mark›"  ──►  "iVBORw0K…"
 *
 * The beginning stays, since a translation may read it. Arguments of tools are JSON in a string and stay whole.
 *
 * A translation may also write a value as text into a string of its own: the input of a tool, which is a tree in one
 * dialect and JSON as text in another. Then what the mark stands for must be escaped as often. So a mark has a quote in
 * it: what stands before the quote in the end tells how often the mark was written.
 */
import { randomBytes } from 'node:crypto';
import { parsePayload } from './exact-json.ts';
import { type Bytes, piecesOf } from './pieced-bytes.ts';

/** A text with the places of its long strings, as pairs of offsets: of the first quote, and after the last one. */
interface ScannedText {
  readonly bytes: Buffer;
  readonly longStrings: readonly number[];
}

/** A value, and the way back to bytes for what was made of it. */
export interface ParsedText {
  readonly value: unknown;
  /** `made` as JSON, with the long strings, which are not copied where they are many bytes. */
  encode(made: object): Bytes;
}

/** So much of a long string stays, in bytes: more than the head of a data URL. */
const HEAD_BYTES = 128;

const INDEX_DIGITS = 8;

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const COLON = 0x3a;
const SPACE = 0x20;
const ARGUMENTS = Buffer.from('"arguments"');

/** Parses it. It must be valid JSON in UTF-8. */
export function parseWithoutLongStrings({ bytes, longStrings }: ScannedText): ParsedText {
  if (longStrings.length === 0) return { value: parsed(bytes.toString('utf8')), encode: asBytes };
  // Nobody who sends a text can know it.
  const name = randomBytes(16).toString('hex');
  const rests: Buffer[] = [];
  let text = '';
  let from = 0;
  for (let index = 0; index < longStrings.length; index += 2) {
    const start = longStrings[index] ?? 0;
    const end = longStrings[index + 1] ?? 0;
    if (isArguments(bytes, start)) continue;
    const head = headEnd(bytes, start + 1);
    text += `${bytes.toString('utf8', from, head)}${name}\\"${indexText(rests.length)}`;
    from = end - 1;
    rests.push(bytes.subarray(head, from));
  }
  text += bytes.toString('utf8', from);
  return { value: parsed(text), encode: (made) => withRests(asBytes(made), name, rests) };
}

function parsed(text: string): unknown {
  return parsePayload(text, JSON.parse);
}

/** Without any long string. */
export function asBytes(made: object): Buffer {
  return Buffer.from(JSON.stringify(made));
}

function indexText(index: number): string {
  return index.toString(16).padStart(INDEX_DIGITS, '0');
}

function withRests(json: Buffer, name: string, rests: readonly Buffer[]): Bytes {
  const pieces: Buffer[] = [];
  let from = 0;
  for (;;) {
    const at = json.indexOf(name, from, 'latin1');
    if (at < 0) break;
    let quote = at + name.length;
    while (json[quote] === BACKSLASH) quote += 1;
    // A writer that replaces what its dialect refuses in an id has replaced the quote, and no more.
    const end = quote + 1 + INDEX_DIGITS;
    const rest = rests[Number.parseInt(json.toString('latin1', quote + 1, end), 16)];
    if (rest === undefined) throw new Error('a mark stands for no string');
    // 1, 3, 7 … backslashes: as JSON it was written once, twice, three times.
    const written = Math.log2(quote - at - name.length + 1);
    pieces.push(json.subarray(from, at), escaped(rest, written - 1));
    from = end;
  }
  pieces.push(json.subarray(from));
  return piecesOf(pieces);
}

/** The content of a JSON string as that of a string which holds it as text, `times` over. */
function escaped(content: Buffer, times: number): Buffer {
  if (times <= 0) return content;
  return escaped(Buffer.from(content.toString('latin1').replace(/["\\]/g, '\\$&'), 'latin1'), times - 1);
}

/** Whether the string that begins there is the value of a field named so. */
function isArguments(bytes: Buffer, start: number): boolean {
  let index = start - 1;
  while (index > 0 && ((bytes[index] ?? 0) <= SPACE || bytes[index] === COLON)) index -= 1;
  const from = index + 1 - ARGUMENTS.length;
  return from >= 0 && bytes.compare(ARGUMENTS, 0, ARGUMENTS.length, from, index + 1) === 0;
}

/** Where the head of a string ends whose content begins at `from`: between two characters, not within an escape. */
function headEnd(bytes: Buffer, from: number): number {
  let index = from;
  while (index < from + HEAD_BYTES) {
    if (bytes[index] === BACKSLASH) index += bytes[index + 1] === LETTER_U ? 6 : 2;
    else index += 1;
  }
  while (((bytes[index] ?? 0) & 0xc0) === 0x80) index += 1;
  return index;
}
