/** Reads a whole completion, which goes back as it is: checks that it is one, and reads its facts. */
import type { JsonDigest } from '../../wire/json-digest.ts';
import { answerPayload } from '../answer-payload.ts';
import { reasonOf, usageOf } from '../openai-chat/facts.ts';
import { choicesOf } from '../openai-chat/inspect.ts';
import type { ReadAnswer } from '../types.ts';
import { withOwnErrors } from './errors.ts';
import { hasText } from './facts.ts';

/**
 * Reads a 200. Throws `UnreadableAnswerError`, with the provider's error where the body is one all the same.
 *
 * @param arrived the digest of a large body, if it was made while the body came
 */
export function inspect(body: Buffer, arrived: JsonDigest | null): ReadAnswer {
  const { json, payload } = answerPayload(body, arrived, ({ choices }) => Array.isArray(choices));
  const choices = withOwnErrors(() => choicesOf(payload));
  return {
    body: json,
    facts: {
      hasParts: choices.some(hasText),
      reason: choices.map(reasonOf).find((reason) => reason !== null) ?? null,
      usage: usageOf(payload),
    },
  };
}
