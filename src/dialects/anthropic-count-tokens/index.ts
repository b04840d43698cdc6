/**
 * How many tokens a request for a message would have (`POST /v1/messages/count_tokens`). It is asked like the message
 * itself, but for its limit, and answered with a number: there is nothing to stream, and no token was used.
 */
import { answerPayload } from '../answer-payload.ts';
import { arriveToBeCounted } from '../anthropic-messages/arrive.ts';
import { readErrorPayload } from '../anthropic-messages/errors.ts';
import { anthropicMessages } from '../anthropic-messages/index.ts';
import { ofThisApi } from '../api-error.ts';
import { spokenLike } from '../spoken-like.ts';
import type { Dialect, ReadAnswer } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';

const { watch, readError } = anthropicMessages;

export const anthropicCountTokens: Dialect = {
  name: 'anthropic-count-tokens',
  isPaidText: false,
  ...spokenLike(anthropicMessages),
  arrive: arriveToBeCounted,
  inspect,
  watch,
  split: () => null,
  collect: () => null,
  readError: (status, body) => ofThisApi(readError(status, body)),
};

function inspect(body: Buffer): ReadAnswer {
  const { json, payload: answer } = answerPayload(body, null, ({ input_tokens: count }) => typeof count === 'number');
  const error = readErrorPayload(answer);
  if (error !== null)
    throw new UnreadableAnswerError('the answer is an error inside a 200', { error: ofThisApi(error) });
  if (typeof answer.input_tokens !== 'number') {
    throw new UnreadableAnswerError('the answer has no count', { otherForm: true });
  }
  return { body: json, facts: { hasParts: true, reason: null, usage: null } };
}
