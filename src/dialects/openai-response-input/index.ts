/**
 * What is asked about the input of a response: how many tokens it would have (`POST /v1/responses/input_tokens`), and for a
 * shorter input of the same meaning (`POST /v1/responses/compact`). Both are asked like the response itself, and only of
 * targets that have that API: no other knows what OpenAI's models would count, or could read what a compaction holds.
 */
import { answerPayload } from '../answer-payload.ts';
import { ofThisApi } from '../api-error.ts';
import { arriveForInput } from '../openai-responses/arrive.ts';
import { errorIn } from '../openai-responses/errors.ts';
import { usageOf } from '../openai-responses/facts.ts';
import { openaiResponses } from '../openai-responses/index.ts';
import { spokenLike } from '../spoken-like.ts';
import type { Dialect } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';

const { watch, readError } = openaiResponses;

/** There is nothing to stream. */
const common = {
  ...spokenLike(openaiResponses),
  arrive: arriveForInput,
  watch,
  split: () => null,
  collect: () => null,
  readError: (status, body) => ofThisApi(readError(status, body)),
} as const satisfies Partial<Dialect>;

/** Answered with a number: no token was used. */
export const openaiResponseTokens: Dialect = {
  ...common,
  name: 'openai-response-tokens',
  isPaidText: false,
  inspect(body) {
    const { json, payload } = answerPayload(body, null, ({ input_tokens: count }) => typeof count === 'number');
    checkAnswer(payload, typeof payload.input_tokens === 'number', 'count');
    return { body: json, facts: { hasParts: true, reason: null, usage: null } };
  },
};

/** Answered with the items of the new input, which are encrypted in part. */
export const openaiResponseCompaction: Dialect = {
  ...common,
  name: 'openai-response-compaction',
  isPaidText: true,
  inspect(body, arrived) {
    const { json, payload } = answerPayload(body, arrived, ({ output }) => Array.isArray(output));
    checkAnswer(payload, Array.isArray(payload.output), 'output');
    return { body: json, facts: { hasParts: true, reason: null, usage: usageOf(payload) } };
  },
};

/** Throws `UnreadableAnswerError`, with the provider's error where the answer is one. */
function checkAnswer(payload: Parameters<typeof errorIn>[0], isAnswer: boolean, lacked: string): void {
  const error = errorIn(payload);
  if (error !== null)
    throw new UnreadableAnswerError('the answer is an error inside a 200', { error: ofThisApi(error) });
  if (!isAnswer) throw new UnreadableAnswerError(`the answer has no ${lacked}`, { otherForm: true });
}
