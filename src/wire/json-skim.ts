/**
 * Removes the long strings from a large JSON text. A large request is usually large because of an image in base64.
 * Routing needs only the fields around the image, so decoding and parsing the image's megabytes would be wasted.
 *
 * The content of an emptied string is not checked. Code that needs it must parse the original bytes.
 */
import { stringEnd } from './json-splice.ts';

/** Longer strings are emptied, in bytes. */
const LONGEST_KEPT = 4096;

/** If more than these bytes remain without the long strings, skimming is not worthwhile: parsing is as fast. */
const MOST_KEPT = 64 * 1024;

const QUOTE = 0x22;

/** The text with `""` in place of each long string; null if there is no long string, or if the rest is too long. */
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
  return [...pieces, bytes.toString('utf8', kept)].join('""');
}
