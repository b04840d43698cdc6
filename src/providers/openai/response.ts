/**
 * Reads a whole answer of an OpenAI-compatible provider. Its bytes go back to the client unchanged. They are parsed
 * once to check that they are an answer and to read its token counts.
 */

import {
  asArray,
  asRecord,
  asString,
  isJsonText,
  type JsonRecord,
  parseJson,
  withoutByteOrderMark,
} from '../../shared/json.ts';
import type { FinishReason } from '../../wire/chat-completion.ts';
import { isEmpty } from '../answer-facts.ts';
import { type AnswerContext, type TranslatedResponse, UnreadableAnswerError } from '../types.ts';
import { finishReasonOf, hasParts, usageOf } from './completion.ts';
import { bare, readErrorPayload } from './errors.ts';

/** Reads a 200. Throws `UnreadableAnswerError`, with the provider's error where the body is one all the same. */
export function readResponse(body: Buffer, context: Pick<AnswerContext, 'hasStopSequences'> = {}): TranslatedResponse {
  // Clients' parsers refuse it too.
  const json = withoutByteOrderMark(body);
  const text = json.toString('utf8');
  const payload = asRecord(parseJson(text));
  if (payload === null) {
    throw new UnreadableAnswerError('the answer is not a JSON object', { isJson: isJsonText(text) });
  }
  const error = readErrorPayload(payload);
  if (error !== null) throw new UnreadableAnswerError('the answer is an error inside a 200', { error });
  if (!Array.isArray(payload.choices)) throw new UnreadableAnswerError('the answer has no choices', { isJson: true });

  const choices = asArray(payload.choices).map(asRecord);
  const finishReason = firstFinishReason(choices);
  const aborted = choices.find((choice) => choice?.finish_reason === 'error' || asRecord(choice?.error) !== null);
  if (aborted) {
    const error = readErrorPayload(aborted) ?? bare(null, 'the provider aborted its answer');
    throw new UnreadableAnswerError('the answer finished with an error', { error });
  }
  const usage = usageOf(payload.usage);
  const facts = {
    hasParts: choices.some((choice) => hasParts(asRecord(choice?.message) ?? {})),
    reason: choices.map(reasonOf).find((reason) => reason !== null) ?? null,
    outputTokens: usage?.output ?? 0,
    hasStopSequences: context.hasStopSequences ?? false,
  };
  return { body: json, empty: isEmpty(facts), finishReason, usage };
}

/** The reason in whichever field it stands: brokers pass on the provider's own, vLLM the token that stopped it. */
function reasonOf(choice: JsonRecord | null): string | null {
  const { finish_reason, native_finish_reason, stop_reason } = choice ?? {};
  const tokenId = typeof stop_reason === 'number' ? String(stop_reason) : asString(stop_reason);
  return asString(finish_reason) ?? asString(native_finish_reason) ?? tokenId;
}

function firstFinishReason(choices: readonly (JsonRecord | null)[]): FinishReason | null {
  for (const choice of choices) {
    const reason = finishReasonOf(choice?.finish_reason);
    if (reason !== null) return reason;
  }
  return null;
}
