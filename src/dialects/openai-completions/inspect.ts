/** Reads a whole completion, which goes back as it is: checks that it is one, and reads its facts. */
import type { JsonRecord } from '../../shared/json.ts';
import { type JsonDigest, LARGE_BYTES } from '../../wire/json-digest.ts';
import { answerPayload } from '../answer-payload.ts';
import { reasonOf, usageOf } from '../openai-chat/facts.ts';
import { choicesOf } from '../openai-chat/inspect.ts';
import { roughly, type Said, SaidSoFar } from '../said.ts';
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
    said: saidIn(payload, choices, json.length),
    facts: {
      hasParts: choices.some(hasText),
      reason: choices.map(reasonOf).find((reason) => reason !== null) ?? null,
      usage: usageOf(payload),
    },
  };
}

function saidIn({ model }: JsonRecord, choices: readonly JsonRecord[], bytes: number): Said {
  if (bytes >= LARGE_BYTES) return roughly(model, bytes);
  const said = new SaidSoFar();
  said.named(model);
  for (const { text } of choices) said.addText('text', text);
  return said.said;
}
