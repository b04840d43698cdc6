/**
 * Reads the body of an error answer, whatever it is: a JSON object, a JSON array around one (Gemini), a page of HTML
 * from a proxy in between, plain text, broken UTF-8, nothing. It only makes the body readable; what the error means is
 * each dialect's own business. It never throws.
 */
import { asRecord, type JsonRecord, parseJson } from '../shared/json.ts';

/** Bigger bodies are no error envelopes; they are not parsed. */
const MAX_PARSED_BYTES = 256 * 1024;
/** Messages are cut here: they go into answers and logs. */
const MAX_MESSAGE_CHARACTERS = 2_000;

/** The JSON object in the body, that of an array's first element included; null where there is none. */
export function readErrorRecord(body: Buffer): JsonRecord | null {
  if (body.length === 0 || body.length > MAX_PARSED_BYTES) return null;
  const value = parseJson(body.toString('utf8').replace(/^\uFEFF/, ''));
  return asRecord(Array.isArray(value) ? value[0] : value);
}

/** What to tell of a body that is no envelope: its text where that is short and plain, else only the status. */
export function describeErrorBody(status: number | null, body: Buffer): string {
  const nothing = status === null ? 'the provider reported an error' : `the provider answered ${status}`;
  // A cut may fall inside of a character, which then is no fault of the body's.
  const text = body
    .toString('utf8', 0, MAX_MESSAGE_CHARACTERS)
    .replace(/\uFFFD$/, '')
    .trim();
  // Markup says nothing to a client of an API, and U+FFFD or NUL mean that this was no text at all.
  if (text === '' || text.startsWith('<') || /[\uFFFD\0]/.test(text)) return nothing;
  return text;
}

/** A message of a provider, bounded in length. */
export function boundedMessage(message: string): string {
  return message.length <= MAX_MESSAGE_CHARACTERS ? message : `${message.slice(0, MAX_MESSAGE_CHARACTERS)}…`;
}
