/**
 * Reads a whole answer that goes back as it is. Its bytes stay unchanged, but for a byte order mark. They are parsed once,
 * of a large one the digest, to check that they are an answer and to read its facts.
 */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import { type JsonDigest, LARGE_BYTES } from '../../wire/json-digest.ts';
import { answerPayload } from '../answer-payload.ts';
import { roughly, type Said, SaidSoFar } from '../said.ts';
import type { ReadAnswer } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { choiceError, readErrorPayload } from './errors.ts';
import { hasParts, reasonOf, usageOf } from './facts.ts';

/**
 * Reads a 200. Throws `UnreadableAnswerError`, with the provider's error where the body is one all the same.
 *
 * @param arrived the digest of a large body, if it was made while the body came
 */
export function inspect(body: Buffer, arrived: JsonDigest | null): ReadAnswer {
  const { json, payload } = answerPayload(body, arrived, ({ choices }) => Array.isArray(choices));
  const choices = choicesOf(payload);
  return {
    body: json,
    said: saidIn(payload, choices, json.length),
    facts: {
      hasParts: choices.some((choice) => hasParts(asRecord(choice.message) ?? {})),
      reason: choices.map(reasonOf).find((reason) => reason !== null) ?? null,
      usage: usageOf(payload),
    },
  };
}

function saidIn({ model }: JsonRecord, choices: readonly JsonRecord[], bytes: number): Said {
  if (bytes >= LARGE_BYTES) return roughly(model, bytes);
  const said = new SaidSoFar();
  said.named(model);
  for (const { message } of choices) said.addMessage(asRecord(message) ?? {});
  return said.said;
}

/** The choices of an answer. Throws `UnreadableAnswerError` where it is none, with the provider's error if it is one. */
export function choicesOf(payload: JsonRecord): readonly JsonRecord[] {
  const error = readErrorPayload(payload);
  const usage = usageOf(payload);
  if (error !== null) throw new UnreadableAnswerError('the answer is an error inside a 200', { error, usage });
  if (!Array.isArray(payload.choices)) {
    throw new UnreadableAnswerError('the answer has no choices', { otherForm: true });
  }
  const aborted = choiceError(payload.choices);
  if (aborted !== null) throw new UnreadableAnswerError('the answer finished with an error', { error: aborted, usage });
  return payload.choices.map((choice) => asRecord(choice) ?? {});
}
