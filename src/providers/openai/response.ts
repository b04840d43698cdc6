/**
 * Reads a whole answer of an OpenAI-compatible provider. Its bytes go back to the client unchanged, but for a byte order
 * mark. They are parsed once, of a large one the digest, to check that they are an answer and to read its token counts.
 */

import { asArray, asRecord, type JsonRecord, parseJson } from '../../shared/json.ts';
import type { FinishReason } from '../../wire/chat-completion.ts';
import { JsonDigest, LARGE_BYTES } from '../../wire/json-digest.ts';
import { isOtherForm, withoutByteOrderMark } from '../../wire/whole-body.ts';
import { isEmpty } from '../answer-facts.ts';
import { type AnswerContext, type TranslatedResponse, UnreadableAnswerError } from '../types.ts';
import { finishReasonOf, hasParts, reasonOf, usageOf } from './completion.ts';
import { choiceError, readErrorPayload } from './errors.ts';

/** A larger one that is no answer is not parsed as a whole: an error is never so large. */
const LARGEST_ERROR_BYTES = 256 * 1024;

/**
 * Reads a 200. Throws `UnreadableAnswerError`, with the provider's error where the body is one all the same.
 *
 * @param arrived the digest of a large body, if it was made while the body came
 */
export function readResponse(
  body: Buffer,
  context: Pick<AnswerContext, 'hasStopSequences'> = {},
  arrived: JsonDigest | null = null,
): TranslatedResponse {
  const json = withoutByteOrderMark(body);
  const digest = json.length < LARGE_BYTES ? null : (arrived ?? JsonDigest.of(json));
  const payload = digest === null ? asRecord(parseJson(json.toString('utf8'))) : payloadOf(json, digest);
  if (payload === null) {
    throw new UnreadableAnswerError('the answer is not a JSON object', { otherForm: isOtherForm(json, digest) });
  }
  const error = readErrorPayload(payload);
  if (error !== null) throw new UnreadableAnswerError('the answer is an error inside a 200', { error });
  if (!Array.isArray(payload.choices)) {
    throw new UnreadableAnswerError('the answer has no choices', { otherForm: true });
  }

  const choices = asArray(payload.choices).map(asRecord);
  const finishReason = firstFinishReason(choices);
  const aborted = choiceError(choices);
  if (aborted !== null) throw new UnreadableAnswerError('the answer finished with an error', { error: aborted });
  const usage = usageOf(payload.usage);
  const facts = {
    hasParts: choices.some((choice) => hasParts(asRecord(choice?.message) ?? {})),
    reason: choices.map((choice) => reasonOf(choice ?? {})).find((reason) => reason !== null) ?? null,
    outputTokens: usage?.output ?? 0,
    hasStopSequences: context.hasStopSequences ?? false,
  };
  return { body: json, empty: isEmpty(facts), finishReason, usage };
}

/** Nothing of a long text is read. Only what is no answer is looked at as a whole, for its words. */
function payloadOf(json: Buffer, digest: JsonDigest): JsonRecord | null {
  if (!digest.isWhole) return null;
  const payload = asRecord(parseJson(digest.text(json)));
  if (Array.isArray(payload?.choices) || json.length > LARGEST_ERROR_BYTES) return payload;
  return asRecord(parseJson(json.toString('utf8')));
}

function firstFinishReason(choices: readonly (JsonRecord | null)[]): FinishReason | null {
  for (const choice of choices) {
    const reason = finishReasonOf(choice?.finish_reason);
    if (reason !== null) return reason;
  }
  return null;
}
