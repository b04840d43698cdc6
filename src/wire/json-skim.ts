/**
 * Shortens the long strings of a large JSON text. A large answer is usually large because of one text, or an image in
 * base64. What is read of it stands around that text, so decoding and parsing its megabytes would be wasted.
 *
 * The content of a shortened string is not checked. Code that needs it must parse the original bytes.
 */
/** Longer strings are shortened, in bytes. */
const LONGEST_KEPT = 4096;

/** If more than these bytes remain without the long strings, skimming is not worthwhile: parsing is as fast. */
const MOST_KEPT = 64 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The text with `"-"` in place of each long string; null if there is no long string, or if the rest is too long. */
export function skimJson(bytes: Buffer): string | null {
  const pieces: string[] = [];
  let keptBytes = 0;
  let kept = 0;
  let index = 0;
  while (index < bytes.length) {
    if (bytes[index] !== QUOTE) {
      index += 1;
      if (keptBytes + index - kept > MOST_KEPT) return null;
      continue;
    }
    const end = stringEnd(bytes, index);
    if (end - index > LONGEST_KEPT && bytes[end - 1] === QUOTE) {
      keptBytes += index - kept;
      pieces.push(bytes.toString('utf8', kept, index));
      kept = end;
    }
    index = end;
    if (keptBytes + index - kept > MOST_KEPT) return null;
  }
  if (pieces.length === 0) return null;
  return [...pieces, bytes.toString('utf8', kept)].join('"-"');
}

/** The index after the closing quote of the string that opens at `start`; the end of the bytes if it is not closed. */
function stringEnd(bytes: Buffer, start: number): number {
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
