/**
 * Replaces the string value of one top-level key inside the bytes of a JSON object. All other bytes stay as they are,
 * so a request with megabytes of images is not decoded and serialized again only to change its model's name.
 *
 * The bytes must already be known to be a JSON object: this file skips over JSON and does not validate it. If a key
 * occurs more than once, every occurrence is replaced. Otherwise a parser that takes the first and a parser that takes
 * the last (as `JSON.parse` does) could see different values.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const LONGEST_ESCAPE = '\\u0000'.length;

/**
 * The object with `value` under the top-level `key`; the same buffer if it has that value already. Throws `RangeError`
 * if the key is missing or its value is not a string. `key` is ASCII.
 */
export function spliceTopLevelString(bytes: Buffer, key: string, value: string): Buffer {
  const ranges = topLevelStrings(bytes, key);
  if (ranges.length === 0) throw new RangeError(`no top-level string "${key}"`);
  const replacement = Buffer.from(JSON.stringify(value));
  const differing = ranges.filter(
    ({ start, end }) => bytes.compare(replacement, 0, replacement.length, start, end) !== 0,
  );
  if (differing.length === 0) return bytes;
  const pieces: Buffer[] = [];
  let kept = 0;
  for (const { start, end } of differing) {
    pieces.push(bytes.subarray(kept, start), replacement);
    kept = end;
  }
  pieces.push(bytes.subarray(kept));
  return Buffer.concat(pieces);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Byte ranges, quotes included, of the string values under `key` at the top level. */
function topLevelStrings(bytes: Buffer, key: string): Range[] {
  const ranges: Range[] = [];
  let depth = 0;
  // `lastIsKey`: the last string at depth 1 equals `key`. `expectsValue`: a colon came, so a string now is a value.
  let lastIsKey = false;
  let expectsValue = false;
  let index = 0;
  while (index < bytes.length) {
    const byte = bytes[index];
    if (byte === QUOTE) {
      const end = stringEnd(bytes, index);
      if (depth === 1) {
        if (expectsValue && lastIsKey) ranges.push({ start: index, end });
        lastIsKey = !expectsValue && isKey(bytes, index, end, key);
      }
      index = end;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
    else if (depth === 1 && byte === COLON) expectsValue = true;
    else if (depth === 1 && byte === COMMA) expectsValue = false;
    index += 1;
  }
  return ranges;
}

/** The index after the closing quote of the string that opens at `start`; the end of the bytes if it is not closed. */
export function stringEnd(bytes: Buffer, start: number): number {
  let index = start + 1;
  while (index < bytes.length) {
    // Byte by byte is fastest for text with many escapes, `indexOf` for megabytes of image. So try 64 bytes by hand.
    const limit = Math.min(index + 64, bytes.length);
    while (index < limit && bytes[index] !== QUOTE) index += bytes[index] === BACKSLASH ? 2 : 1;
    if (bytes[index] === QUOTE) return index + 1;
    const quote = bytes.indexOf(QUOTE, index);
    if (quote < 0) break;
    let escapes = quote;
    while (escapes > index && bytes[escapes - 1] === BACKSLASH) escapes -= 1;
    if ((quote - escapes) % 2 === 0) return quote + 1;
    index = quote + 1;
  }
  return bytes.length;
}

/** Whether the string is `key`. A key may contain escapes: `"mod\u0065l"` is `model` too. */
function isKey(bytes: Buffer, start: number, end: number, key: string): boolean {
  const length = end - start - 2;
  // A character of the key takes at most the six bytes of an escape.
  if (length > LONGEST_ESCAPE * key.length) return false;
  let index = 0;
  while (index < length && bytes[start + 1 + index] === key.charCodeAt(index)) index += 1;
  if (index === length) return length === key.length;
  for (; index < length; index += 1) {
    if (bytes[start + 1 + index] === BACKSLASH) return JSON.parse(bytes.toString('utf8', start, end)) === key;
  }
  return false;
}
