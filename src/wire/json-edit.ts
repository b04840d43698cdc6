/**
 * Changes the bytes of a JSON text at a few places. All other bytes stay as they are, so a request with megabytes of
 * images is not decoded and serialized again only to change its model's name.
 *
 *   edited(bytes, [setString(modelAt, 'm'), …])      in the order of their places, none within another
 */
import { type Bytes, piecesOf } from './pieced-bytes.ts';
import type { ByteRange } from './request-scan.ts';

/** One change: `by` in place of the bytes there. It adds where `at` is empty, and removes where `by` is. */
export interface JsonEdit {
  readonly at: ByteRange;
  readonly by: Buffer;
}

const NOTHING = Buffer.alloc(0);

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;

/** The text with these changes, copied once if it is small, else not at all; the same buffer if they change nothing. */
export function edited(bytes: Buffer, edits: readonly JsonEdit[]): Bytes {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const { at, by } of edits) {
    if (at.start < from) throw new Error('an edit of what another one has changed');
    if (bytes.compare(by, 0, by.length, at.start, at.end) === 0) continue;
    pieces.push(bytes.subarray(from, at.start), by);
    from = at.end;
  }
  return pieces.length === 0 ? bytes : piecesOf([...pieces, bytes.subarray(from)]);
}

/** Sets a value, whose place is there, to this JSON. */
export function setJson(at: ByteRange, json: string): JsonEdit {
  return { at, by: Buffer.from(json) };
}

/** Sets a value, whose place is there, to a string. */
export function setString(at: ByteRange, value: string): JsonEdit {
  return { at, by: Buffer.from(JSON.stringify(value)) };
}

/**
 * Adds a field after all others. Of an object that gets a field, not all others may be removed in the same pass.
 *
 * @param object its place, brackets included; it must not have the field
 * @param json the value
 */
export function insertField(bytes: Buffer, object: ByteRange, name: string, json: string): JsonEdit {
  const end = spaceBefore(bytes, object.end - 1);
  const comma = bytes[end - 1] === OPEN_BRACE ? '' : ',';
  return { at: { start: end, end }, by: Buffer.from(`${comma}${JSON.stringify(name)}:${json}`) };
}

/** Puts another field in the place of the one whose value is there. @param json the value of the other */
export function replaceField(bytes: Buffer, value: ByteRange, name: string, json: string): JsonEdit {
  const at = { start: nameStart(bytes, value.start), end: value.end };
  return { at, by: Buffer.from(`${JSON.stringify(name)}:${json}`) };
}

/** Gives another name to the field whose value is there. */
export function renameField(bytes: Buffer, value: ByteRange, name: string): JsonEdit {
  const start = nameStart(bytes, value.start);
  const end = spaceBefore(bytes, spaceBefore(bytes, value.start) - 1);
  return setString({ start, end }, name);
}

/** Removes the fields of one object whose values are there, in the order of their places, each with one comma. */
export function removeFields(bytes: Buffer, values: readonly ByteRange[]): JsonEdit[] {
  const edits: JsonEdit[] = [];
  for (const { start: valueStart, end: valueEnd } of values) {
    let start = nameStart(bytes, valueStart);
    const before = edits.at(-1);
    // Neighbours are one, since the last field goes with the comma before it, which the one before has taken.
    if (before !== undefined && spaceAfter(bytes, before.at.end) === start) {
      start = before.at.start;
      edits.pop();
    }
    let end = spaceAfter(bytes, valueEnd);
    if (bytes[end] === COMMA) end += 1;
    else {
      end = valueEnd;
      const space = spaceBefore(bytes, start);
      if (bytes[space - 1] === COMMA) start = space - 1;
    }
    edits.push({ at: { start, end }, by: NOTHING });
  }
  return edits;
}

/** Where the name begins, with its quote, whose value begins at `valueStart`. */
function nameStart(bytes: Buffer, valueStart: number): number {
  const colon = spaceBefore(bytes, valueStart) - 1;
  let quote = bytes.lastIndexOf(QUOTE, spaceBefore(bytes, colon) - 2);
  // A quote within a name is escaped, and before the name is no backslash.
  while (bytes[quote - 1] === BACKSLASH) quote = bytes.lastIndexOf(QUOTE, quote - 1);
  return quote;
}

/** Where the blanks begin that end before `index`. */
function spaceBefore(bytes: Buffer, index: number): number {
  let start = index;
  while (start > 0 && (bytes[start - 1] ?? 0) <= SPACE) start -= 1;
  return start;
}

/** Where the blanks end that begin at `index`. */
function spaceAfter(bytes: Buffer, index: number): number {
  let end = index;
  while (end < bytes.length && (bytes[end] ?? 0) <= SPACE) end += 1;
  return end;
}
