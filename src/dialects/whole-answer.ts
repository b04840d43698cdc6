/**
 * The first look at a whole answer that goes back as it is: its bytes without a byte order mark, and its fields. Of a
 * large one the digest is parsed, in which long values are shortened: nothing of a long text is read. Only what is no
 * answer is looked at as a whole, for its words.
 */
import { asRecord, type JsonRecord, parseJson } from '../shared/json.ts';
import { JsonDigest, LARGE_BYTES } from '../wire/json-digest.ts';
import { isOtherForm, withoutByteOrderMark } from '../wire/whole-body.ts';
import { UnreadableAnswerError } from './upstream-error.ts';

/** A larger body that is no answer is not parsed as a whole: an error is never so large. */
const LARGEST_ERROR_BYTES = 256 * 1024;

interface WholeAnswer {
  /** As it goes back. */
  readonly json: Buffer;
  readonly fields: JsonRecord;
}

/**
 * Parses it. Throws `UnreadableAnswerError` if it is no object.
 *
 * @param arrived the digest of a large body, if it was made while the body came
 * @param list the field of the dialect's answers that is a list, and that no error has
 */
export function parseWholeAnswer(body: Buffer, arrived: JsonDigest | null, list: 'choices' | 'content'): WholeAnswer {
  const json = withoutByteOrderMark(body);
  const digest = json.length < LARGE_BYTES ? null : (arrived ?? JsonDigest.of(json));
  const fields = digest === null ? asRecord(parseJson(json.toString('utf8'))) : fieldsOf(json, digest, list);
  if (fields !== null) return { json, fields };
  throw new UnreadableAnswerError('the answer is not a JSON object', { otherForm: isOtherForm(json, digest) });
}

function fieldsOf(json: Buffer, digest: JsonDigest, list: 'choices' | 'content'): JsonRecord | null {
  if (!digest.isWhole) return null;
  const fields = asRecord(parseJson(digest.text(json)));
  if (Array.isArray(fields?.[list]) || json.length > LARGEST_ERROR_BYTES) return fields;
  return asRecord(parseJson(json.toString('utf8')));
}
