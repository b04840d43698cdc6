/**
 * Reads a whole answer that goes back as it is. Its bytes stay unchanged, but for a byte order mark. They are parsed once,
 * of a large one the digest, to check that they are an answer and to read its facts.
 */
import { asArray, asRecord, type JsonRecord } from '../../shared/json.ts';
import { type JsonDigest, LARGE_BYTES } from '../../wire/json-digest.ts';
import { answerPayload } from '../answer-payload.ts';
import { droppedReasoningIn } from '../dropped-reasoning.ts';
import { roughly, type Said, SaidSoFar } from '../said.ts';
import type { ReadAnswer } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { errorIn } from './errors.ts';
import { hasParts, reasonOf, usageOf } from './facts.ts';

/**
 * Reads a 200. Throws `UnreadableAnswerError`, with the provider's error where the body is one all the same.
 *
 * @param arrived the digest of a large body, if it was made while the body came
 */
export function inspect(body: Buffer, arrived: JsonDigest | null): ReadAnswer {
  const { json, payload: response } = answerPayload(body, arrived, ({ output }) => Array.isArray(output));
  const error = errorIn(response);
  if (error !== null) {
    throw new UnreadableAnswerError('the answer is an error inside a 200', { error, usage: usageOf(response) });
  }
  const { output } = response;
  if (!Array.isArray(output)) throw new UnreadableAnswerError('the answer has no output', { otherForm: true });
  const facts = { hasParts: output.some(hasParts), reason: reasonOf(response), usage: usageOf(response) };
  const reasoningDropped = droppedReasoningIn(response.input_transformations);
  return {
    body: json,
    said: saidIn(response, json.length),
    facts: reasoningDropped.length === 0 ? facts : { ...facts, reasoningDropped },
  };
}

function saidIn({ model, output }: JsonRecord, bytes: number): Said {
  if (bytes >= LARGE_BYTES) return roughly(model, bytes);
  const said = new SaidSoFar();
  said.named(model);
  for (const value of asArray(output)) {
    const { type, name, arguments: input, input: text, content, summary } = asRecord(value) ?? {};
    const kind = type === 'reasoning' ? 'reasoning' : 'text';
    for (const each of [name, input, text]) said.addText(kind, each);
    for (const part of [...asArray(content), ...asArray(summary)]) {
      const { text: words, refusal } = asRecord(part) ?? {};
      said.addText(kind, words ?? refusal);
    }
  }
  return said.said;
}
