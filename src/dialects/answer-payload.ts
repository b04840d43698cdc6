/** What is read of a whole answer that goes back as it is: a tree of it, of a large one without its long values. */
import { asRecord, type JsonRecord, parseJson } from '../shared/json.ts';
import { JsonDigest } from '../wire/json-digest.ts';
import { isOtherForm, withoutByteOrderMark } from '../wire/whole-body.ts';
import { UnreadableAnswerError } from './upstream-error.ts';

/** A larger one that is no answer is not parsed as a whole: an error is never so large. */
const LARGEST_ERROR_BYTES = 256 * 1024;

interface AnswerPayload {
  /** The body as it goes back: without a byte order mark. */
  readonly json: Buffer;
  readonly payload: JsonRecord;
}

/**
 * Throws `UnreadableAnswerError` for what is no JSON object.
 *
 * @param arrived the digest of a large body, if it was made while the body came
 * @param isAnswer whether a tree is that of an answer; only what is none is looked at as a whole, for its words
 */
export function answerPayload(
  body: Buffer,
  arrived: JsonDigest | null,
  isAnswer: (payload: JsonRecord) => boolean,
): AnswerPayload {
  const json = withoutByteOrderMark(body);
  const digest = JsonDigest.ofLarge(json, arrived);
  const payload = digest === null ? asRecord(parseJson(json.toString('utf8'))) : readLarge(json, digest, isAnswer);
  if (payload !== null) return { json, payload };
  throw new UnreadableAnswerError('the answer is not a JSON object', { otherForm: isOtherForm(json, digest) });
}

function readLarge(json: Buffer, digest: JsonDigest, isAnswer: (payload: JsonRecord) => boolean): JsonRecord | null {
  if (!digest.isWhole) return null;
  const payload = asRecord(parseJson(digest.text(json)));
  if ((payload !== null && isAnswer(payload)) || json.length > LARGEST_ERROR_BYTES) return payload;
  return asRecord(parseJson(json.toString('utf8')));
}
