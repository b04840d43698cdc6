/**
 * Reads a whole answer that goes back as it is. Its bytes stay unchanged, but for a byte order mark. They are parsed once,
 * of a large one the digest, to check that they are an answer and to read its facts.
 */
import { asArray, asRecord, type JsonRecord, parseJson } from '../../shared/json.ts';
import { JsonDigest, LARGE_BYTES } from '../../wire/json-digest.ts';
import { isOtherForm, withoutByteOrderMark } from '../../wire/whole-body.ts';
import { factsOf } from '../hub-answer.ts';
import type { ReadAnswer } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { readAnswer } from './read-answer.ts';

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
  const message = digest === null ? asRecord(parseJson(json.toString('utf8'))) : messageOf(json, digest);
  if (message === null) {
    throw new UnreadableAnswerError('the answer is not a JSON object', { otherForm: isOtherForm(json, digest) });
  }
  const facts = factsOf(readAnswer(message));
  // A digest leaves a text where a block, or a list of very many, was.
  const hasOthers = asArray(message.content).some((block) => asRecord(block) === null);
  return { body: json, facts: { ...facts, hasParts: facts.hasParts || hasOthers } };
}

/** Nothing of a long text is read. Only what is no answer is looked at as a whole, for its words. */
function messageOf(json: Buffer, digest: JsonDigest): JsonRecord | null {
  if (!digest.isWhole) return null;
  const message = asRecord(parseJson(digest.text(json)));
  if (Array.isArray(message?.content) || json.length > LARGEST_ERROR_BYTES) return message;
  return asRecord(parseJson(json.toString('utf8')));
}
