/**
 * Reads a whole answer that goes back as it is, to check that it is one and for its token counts. What its list holds
 * (embeddings, images, scores) is not looked at.
 */
import type { JsonDigest } from '../../wire/json-digest.ts';
import { answerPayload } from '../answer-payload.ts';
import type { ReadAnswer } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { checkNoError } from './errors.ts';
import { tokensOf } from './facts.ts';
import type { PlainApi } from './plain-api.ts';

/** What an answer must have: one of these lists. */
interface ListRule {
  readonly lists: readonly string[];
  readonly output: PlainApi['output'];
}

/**
 * Reads a 200. Throws `UnreadableAnswerError`, with the provider's error where the body is one all the same.
 *
 * @param arrived the digest of a large body, if it was made while the body came
 */
export function inspect({ lists, output }: ListRule, body: Buffer, arrived: JsonDigest | null): ReadAnswer {
  const { json, payload } = answerPayload(body, arrived, (tree) => lists.some((name) => Array.isArray(tree[name])));
  const list = lists.map((name) => payload[name]).find(Array.isArray);
  checkNoError(payload);
  if (list === undefined)
    throw new UnreadableAnswerError(`the answer has no ${lists.join(' or ')}`, { otherForm: true });
  return {
    body: json,
    facts: { hasParts: list.length > 0, reason: null, usage: tokensOf(payload, output) },
  };
}
