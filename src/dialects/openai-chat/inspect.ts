/**
 * Reads a whole answer that goes back as it is. Its bytes stay unchanged, but for a byte order mark. They are parsed once,
 * of a large one the digest, to check that they are an answer and to read its facts.
 */

import { asRecord, type JsonRecord, parseJson } from '../../shared/json.ts';
import { JsonDigest, LARGE_BYTES } from '../../wire/json-digest.ts';
import { isOtherForm, withoutByteOrderMark } from '../../wire/whole-body.ts';
import type { ReadAnswer } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { choiceError, readErrorPayload } from './errors.ts';
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
  const payload = digest === null ? asRecord(parseJson(json.toString('utf8'))) : payloadOf(json, digest);
  if (payload === null) {
    throw new UnreadableAnswerError('the answer is not a JSON object', { otherForm: isOtherForm(json, digest) });
  }
  const choices = choicesOf(payload);
  return {
    body: json,
    facts: {
      hasParts: choices.some((choice) => hasParts(asRecord(choice.message) ?? {})),
      reason: choices.map(reasonOf).find((reason) => reason !== null) ?? null,
      usage: usageOf(payload.usage),
    },
  };
}

/** The choices of an answer. Throws `UnreadableAnswerError` where it is none, with the provider's error if it is one. */
export function choicesOf(payload: JsonRecord): readonly JsonRecord[] {
  const error = readErrorPayload(payload);
  if (error !== null) throw new UnreadableAnswerError('the answer is an error inside a 200', { error });
  if (!Array.isArray(payload.choices)) {
    throw new UnreadableAnswerError('the answer has no choices', { otherForm: true });
  }
  const aborted = choiceError(payload.choices);
  if (aborted !== null) throw new UnreadableAnswerError('the answer finished with an error', { error: aborted });
  return payload.choices.map((choice) => asRecord(choice) ?? {});
}

/** Nothing of a long text is read. Only what is no answer is looked at as a whole, for its words. */
function payloadOf(json: Buffer, digest: JsonDigest): JsonRecord | null {
  if (!digest.isWhole) return null;
  const payload = asRecord(parseJson(digest.text(json)));
  if (Array.isArray(payload?.choices) || json.length > LARGEST_ERROR_BYTES) return payload;
  return asRecord(parseJson(json.toString('utf8')));
}
