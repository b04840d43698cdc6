/**
 * What the body of a whole answer is, where it is not what was asked for. Pure; a body is looked at once, and only when
 * its dialect could not read it.
 */
import { asRecord, parseJson } from '../shared/json.ts';
import type { JsonDigest } from './json-digest.ts';

const LF = 10;
const BRACE = 123;

/** A page begins within these. */
const PAGE_BYTES = 256;

/** A body without its byte order mark, which clients' parsers refuse. The same bytes where there is none. */
export function withoutByteOrderMark(body: Buffer): Buffer {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}

/**
 * Whether a body is sound but of a form that nobody asked for (any JSON, JSON line by line, a page), rather than broken:
 * asking again would bring the same.
 *
 * @param digest of a large one, which is not looked at again
 */
export function isOtherForm(body: Buffer, digest: JsonDigest | null = null): boolean {
  if (digest !== null) return digest.isSound || body.toString('latin1', 0, PAGE_BYTES).trimStart().startsWith('<');
  const text = withoutByteOrderMark(body).toString('utf8').trim();
  if (text.startsWith('<')) return true;
  return parseJson(text) !== undefined || areLines(Buffer.from(text)) === true;
}

/**
 * Whether a body that has begun is one JSON object per line, as some servers stream; null while that cannot be told.
 * Parses its first line at most.
 */
export function areLines(begun: Buffer): boolean | null {
  const lineEnd = begun.indexOf(LF);
  if (lineEnd < 0) return null;
  const next = begun.subarray(lineEnd).find((byte) => byte > 32);
  if (next === undefined) return null;
  return next === BRACE && asRecord(parseJson(begun.toString('utf8', 0, lineEnd))) !== null;
}
