/**
 * A large JSON text without its long strings: a request whose weight is an image in base64 is routed by what is around
 * it, and neither decoding nor parsing its megabytes would tell anything more.
 *
 * What stands in a string that was emptied has not been looked at: whoever needs it parses the bytes themselves.
 */
import { stringEnd } from './json-splice.ts';

/** Strings of more bytes than these are emptied. */
const LONGEST_KEPT = 4096;

/** A text that is longer than this without its long strings is not worth skimming: parsing is as fast. */
const MOST_KEPT = 64 * 1024;

const QUOTE = 0x22;

/** The text with `""` for each long string; null where there is none, or where all else is long as well. */
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
