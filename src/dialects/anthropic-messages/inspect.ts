/**
 * Reads a whole answer that goes back as it is. Its bytes stay unchanged, but for a byte order mark. They are parsed once,
 * of a large one the digest, to check that they are an answer and to read its facts.
 */
import { asArray, asRecord } from '../../shared/json.ts';
import type { JsonDigest } from '../../wire/json-digest.ts';
import { answerPayload } from '../answer-payload.ts';
import { factsOf, saidIn } from '../hub-answer.ts';
import type { ReadAnswer } from '../types.ts';
import { readAnswer } from './read-answer.ts';

/**
 * Reads a 200. Throws `UnreadableAnswerError`, with the provider's error where the body is one all the same.
 *
 * @param arrived the digest of a large body, if it was made while the body came
 */
export function inspect(body: Buffer, arrived: JsonDigest | null): ReadAnswer {
  const { json, payload: message } = answerPayload(body, arrived, ({ content }) => Array.isArray(content));
  const answer = readAnswer(message);
  const facts = factsOf(answer);
  // A digest leaves a text where a block, or a list of very many, was.
  const hasOthers = asArray(message.content).some((block) => asRecord(block) === null);
  return { body: json, said: saidIn(answer, json.length), facts: { ...facts, hasParts: facts.hasParts || hasOthers } };
}
