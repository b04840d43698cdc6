/**
 * Reads a whole answer that goes back as it is. Its bytes stay unchanged, but for a byte order mark. They are parsed once,
 * of a large one the digest, to check that they are an answer and to read its facts.
 */
import { asRecord, type JsonRecord, parseJson } from '../../shared/json.ts';
import { JsonDigest, LARGE_BYTES } from '../../wire/json-digest.ts';
import { isOtherForm, withoutByteOrderMark } from '../../wire/whole-body.ts';
import type { ReadAnswer } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { errorIn } from './errors.ts';
import { hasParts, reasonOf, usageOf } from './facts.ts';

/** A larger one that is no answer is not parsed as a whole: an error is never so large. */
const LARGEST_ERROR_BYTES = 256 * 1024;

/**
 * Reads a 200. Throws `UnreadableAnswerError`, with the provider's error where the body is one all the same.
 *
 * @param arrived the digest of a large body, if it was made while the body came
 */
export function inspect(body: Buffer, arrived: JsonDigest | null): ReadAnswer {
  const json = withoutByteOrderMark(body);
  const digest = json.length < LARGE_BYTES ? null : (arrived ?? JsonDigest.of(json));
  const response = digest === null ? asRecord(parseJson(json.toString('utf8'))) : responseIn(json, digest);
  if (response === null) {
    throw new UnreadableAnswerError('the answer is not a JSON object', { otherForm: isOtherForm(json, digest) });
  }
  const error = errorIn(response);
  if (error !== null) throw new UnreadableAnswerError('the answer is an error inside a 200', { error });
  const { output, usage } = response;
  if (!Array.isArray(output)) throw new UnreadableAnswerError('the answer has no output', { otherForm: true });
  const facts = { hasParts: output.some(hasParts), reason: reasonOf(response), usage: usageOf(usage) };
  return { body: json, facts };
}

/** Nothing of a long text is read. Only what is no answer is looked at as a whole, for its words. */
function responseIn(json: Buffer, digest: JsonDigest): JsonRecord | null {
  if (!digest.isWhole) return null;
  const response = asRecord(parseJson(digest.text(json)));
  if (Array.isArray(response?.output) || json.length > LARGEST_ERROR_BYTES) return response;
  return asRecord(parseJson(json.toString('utf8')));
}
