/**
 * Reads the body of an error answer. The body may be a JSON object, a JSON array around one (Gemini), an HTML page from
 * a proxy, plain text, broken UTF-8 or empty. This file only makes the body readable; each dialect decides what the
 * error means. It never throws.
 */
import { asRecord, type JsonRecord, parseJson } from '../shared/json.ts';

/** Larger bodies are not parsed: an error envelope is never so large. */
const MAX_PARSED_BYTES = 256 * 1024;
/** Longer messages are cut, because they go into answers. */
const MAX_MESSAGE_CHARACTERS = 2_000;

/** The JSON object in the body, or in the first element of an array; null if there is none. */
export function readErrorRecord(body: Buffer): JsonRecord | null {
  if (body.length === 0 || body.length > MAX_PARSED_BYTES) return null;
  const value = parseJson(body.toString('utf8').replace(/^\uFEFF/, ''));
  return asRecord(Array.isArray(value) ? value[0] : value);
}

/** A message for a body that is not an envelope: its text if that is plain text, else the status. */
export function describeErrorBody(status: number | null, body: Buffer): string {
  const fallback = status === null ? 'the provider reported an error' : `the provider answered ${status}`;
  // The cut may split a character; that does not make the body invalid.
  const text = body
    .toString('utf8', 0, MAX_PARSED_BYTES)
    .replace(/\uFFFD$/, '')
    .trim();
  // Markup does not help a client of an API. U+FFFD or NUL mean that the body is not text.
  if (text === '' || text.startsWith('<') || /[\uFFFD\0]/.test(text)) return fallback;
  return text;
}

/** A provider's message, cut to the longest allowed length. Only what is redacted is cut: half a secret is not found. */
export function boundedMessage(message: string): string {
  return message.length <= MAX_MESSAGE_CHARACTERS ? message : `${message.slice(0, MAX_MESSAGE_CHARACTERS)}…`;
}
