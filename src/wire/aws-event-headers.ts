/**
 * The headers of a binary frame of Amazon's event streams. Each is its name (a byte of length, then UTF-8), a byte that
 * says of which type its value is, and the value:
 *
 *   0, 1  true, false   2  a byte   3  2 bytes   4  4 bytes   5  8 bytes
 *   6, 7  bytes, UTF-8, after 2 bytes of length   8  8 bytes, a time   9  16 bytes, a UUID
 *
 * Source: smithy.io, "Amazon Event Stream Specification".
 */
const TEXT = 7;

/** Bytes of a value whose type says how long it is; null for those with a length of their own. */
const fixedSizes: readonly (number | null)[] = [0, 0, 1, 2, 4, 8, null, null, 8, 16];

/** The headers that are texts, by name. Throws `RangeError` if the bytes are no headers. */
export function textHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const type = bytes.readUInt8(nameEnd);
    const fixed = fixedSizes[type];
    if (fixed === undefined) throw new RangeError(`a header is of type ${type}, which there is not`);
    const start = nameEnd + (fixed === null ? 3 : 1);
    const end = start + (fixed ?? bytes.readUInt16BE(nameEnd + 1));
    if (end > bytes.length) throw new RangeError('a header ends behind the headers');
    if (type === TEXT) texts.set(bytes.toString('utf8', at + 1, nameEnd), bytes.toString('utf8', start, end));
    at = end;
  }
  return texts;
}
