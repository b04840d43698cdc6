/**
 * Searches a JSON string for the byte that ends a run of plain ones: a quote, a backslash or a control character. Strings
 * take nearly all of the time of a scan. Their bytes are looked up in a table, long ones are searched by `indexOf`.
 */

/** A string that goes on after so many bytes is searched by `indexOf`. */
const BY_HAND_BYTES = 512;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** 1: ends a run of plain bytes in a string. */
const special = new Uint8Array(256).fill(1, 0, 0x20);
special[QUOTE] = 1;
special[BACKSLASH] = 1;

/** The index of the first byte, from `start`, that ends a run of plain bytes in a string. */
export function plainEnd(bytes: Buffer, start: number): number {
  const end = bytes.length;
  const byHand = Math.min(start + BY_HAND_BYTES, end);
  let index = start;
  while (index < byHand && special[bytes[index] ?? 0] === 0) index += 1;
  if (index < byHand || index === end) return index;
  const quote = bytes.indexOf(QUOTE, index);
  const until = quote < 0 ? end : quote;
  while (index < until && ((bytes.byteOffset + index) & 3) !== 0 && special[bytes[index] ?? 0] === 0) index += 1;
  if (((bytes.byteOffset + index) & 3) === 0) index += plainWords(bytes, index, until);
  while (index < until && special[bytes[index] ?? 0] === 0) index += 1;
  return index;
}

/** How many bytes from an aligned `start`, four at a time, are neither a backslash nor a control character. */
function plainWords(bytes: Buffer, start: number, end: number): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, (end - start) >> 2);
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? 0;
    // A subtraction borrows from the top bit of a byte below 0x20; `^` makes a zero of a backslash. What is 0x80 or
    // above is left out by `~word`.
    const controls = (word - 0x20202020) | 0;
    const backslashes = ((word ^ 0x5c5c5c5c) - 0x01010101) | 0;
    if (((controls | backslashes) & ~word & 0x80808080) !== 0) break;
  }
  return index * 4;
}
