/**
 * Reads a whole answer of an OpenAI-compatible provider. Its bytes go back to the client unchanged, but for a byte order
 * mark. They are parsed once to check that they are an answer and to read its token counts.
 */

import { asArray, asRecord, type JsonRecord, parseJson } from '../../shared/json.ts';
import type { FinishReason } from '../../wire/chat-completion.ts';
import { skimJson } from '../../wire/json-skim.ts';
import { isOtherForm, withoutByteOrderMark } from '../../wire/whole-body.ts';
import { isEmpty } from '../answer-facts.ts';
import { type AnswerContext, type TranslatedResponse, UnreadableAnswerError } from '../types.ts';
import { finishReasonOf, hasParts, reasonOf, usageOf } from './completion.ts';
import { choiceError, readErrorPayload } from './errors.ts';

/** A larger answer is skimmed. */
const LARGE_BYTES = 64 * 1024;

/** Reads a 200. Throws `UnreadableAnswerError`, with the provider's error where the body is one all the same. */
export function readResponse(body: Buffer, context: Pick<AnswerContext, 'hasStopSequences'> = {}): TranslatedResponse {
  const json = withoutByteOrderMark(body);
  const payload = payloadOf(json);
  if (payload === null) {
    throw new UnreadableAnswerError('the answer is not a JSON object', { otherForm: isOtherForm(json) });
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

/** Nothing of a long text is read. Only a text that is no answer is looked at as a whole. */
function payloadOf(body: Buffer): JsonRecord | null {
  const skimmed = body.length < LARGE_BYTES ? null : skimJson(body);
  const payload = skimmed === null ? null : asRecord(parseJson(skimmed));
  return Array.isArray(payload?.choices) ? payload : asRecord(parseJson(body.toString('utf8')));
}

function firstFinishReason(choices: readonly (JsonRecord | null)[]): FinishReason | null {
  for (const choice of choices) {
    const reason = finishReasonOf(choice?.finish_reason);
    if (reason !== null) return reason;
  }
  return null;
}
