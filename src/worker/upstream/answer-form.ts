/**
 * What an answer is by its first bytes, whatever its content type says: one piece (JSON, a page) or server-sent events.
 * Pure.
 */

export type AnswerForm = 'whole' | 'events';

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const BRACE = 123;
const BRACKET = 91;
/** Markup begins with it: a page, which no event stream contains. */
const LESS_THAN = 60;
/** The bytes of a byte order mark. */
const mark = new Set([0xef, 0xbb, 0xbf]);

/** What a line of an event stream begins with; a comment begins with a colon. */
const fields = ['data:', 'event:', 'id:', 'retry:', ':'];
const LONGEST_FIELD = 6;

/**
 * Null while the bytes so far do not say it. What is neither is taken for what was asked for.
 *
 * @param bytes all bytes of the answer so far
 */
export function formOf(bytes: Buffer, asked: AnswerForm): AnswerForm | null {
  const start = firstTellingByte(bytes);
  const first = bytes[start];
  if (first === undefined) return null;
  if (first === BRACE || first === BRACKET || first === LESS_THAN) return 'whole';
  if (asked === 'events') return 'events';
  const text = bytes.toString('latin1', start, start + LONGEST_FIELD);
  if (fields.some((field) => text.startsWith(field))) return 'events';
  return fields.some((field) => field.startsWith(text)) ? null : 'whole';
}

/**
 * What an answer of any media type is: its bytes say nothing, so its label must be believed. Events where no stream was
 * asked for are passed on as a whole, too.
 */
export function labelledForm(mediaType: string, asked: AnswerForm): AnswerForm {
  return asked === 'events' && /^text\/event-stream\b/i.test(mediaType) ? 'events' : 'whole';
}

/** White space and a byte order mark say nothing. */
function firstTellingByte(bytes: Buffer): number {
  let index = 0;
  for (; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte !== LF && byte !== CR && byte !== SPACE && byte !== TAB && !mark.has(byte)) break;
  }
  return index;
}
