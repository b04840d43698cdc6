/**
 * Reads a whole answer of an OpenAI-compatible provider. Its bytes go back to the client unchanged. They are parsed
 * once to check that they are an answer and to read its token counts.
 */

import { asArray, asRecord, type JsonRecord, parseJson } from '../../shared/json.ts';
import type { FinishReason } from '../../wire/chat-completion.ts';
import { type TranslatedResponse, UnreadableAnswerError } from '../types.ts';
import { finishReasonOf, hasContent, usageOf } from './completion.ts';
import { bare, readErrorPayload } from './errors.ts';

/** Reads a 200. Throws `UnreadableAnswerError`; it holds the provider's error if the body is an error. */
export function readResponse(body: Buffer): TranslatedResponse {
  const payload = asRecord(parseJson(body.toString('utf8')));
  if (payload === null) throw new UnreadableAnswerError('the answer is not a JSON object');
  const error = readErrorPayload(payload);
  if (error !== null) throw new UnreadableAnswerError('the answer is an error inside a 200', { error });
  if (!Array.isArray(payload.choices)) throw new UnreadableAnswerError('the answer has no choices');

  const choices = asArray(payload.choices).map(asRecord);
  const finishReason = firstFinishReason(choices);
  const filled = choices.some((choice) => hasContent(asRecord(choice?.message) ?? {}));
  if (choices.some((choice) => choice?.finish_reason === 'error')) {
    throw new UnreadableAnswerError('the answer finished with an error', {
      error: bare(null, 'the provider aborted its answer'),
    });
  }
  return {
    body,
    empty: !filled && (finishReason === null || finishReason === 'stop'),
    finishReason,
    usage: usageOf(payload.usage),
  };
}

function firstFinishReason(choices: readonly (JsonRecord | null)[]): FinishReason | null {
  for (const choice of choices) {
    const reason = finishReasonOf(choice?.finish_reason);
    if (reason !== null) return reason;
  }
  return null;
}
