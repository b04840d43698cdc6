/**
 * Replaces a string inside the bytes of a JSON text. All other bytes stay as they are, so a request with megabytes of
 * images is not decoded and serialized again only to change its model's name.
 */
import type { ByteRange } from './request-scan.ts';

/** The text with `value` in place of the string at `range`, quotes included; the same buffer if it stands there. */
export function spliceString(bytes: Buffer, { start, end }: ByteRange, value: string): Buffer {
  const replacement = Buffer.from(JSON.stringify(value));
  if (bytes.compare(replacement, 0, replacement.length, start, end) === 0) return bytes;
  return Buffer.concat([bytes.subarray(0, start), replacement, bytes.subarray(end)]);
}
