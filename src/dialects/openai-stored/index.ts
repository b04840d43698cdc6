/**
 * What a provider stores and gives back by its id: responses, files, batches. Requests name no model, answers go back as
 * they are, and no token is counted: those of a response were when it was made.
 */
import { answerPayload } from '../answer-payload.ts';
import { ofThisApi } from '../api-error.ts';
import { openaiResponses } from '../openai-responses/index.ts';
import { spokenLike } from '../spoken-like.ts';
import type { Dialect, ReadAnswer } from '../types.ts';
import { arriveAsItIs, arriveWithoutBody } from './arrive.ts';
import { StoredStream } from './watch.ts';

const { keptAnswers, headers, readError } = openaiResponses;
// The last event of a broken stream is none by which clients know its end: the connection is closed without one.
const { endsCleanly: _, ...manner } = spokenLike(openaiResponses);

const common = {
  isPaidText: false,
  ...manner,
  split: () => null,
  collect: () => null,
  watch: () => new StoredStream(),
  readError: (status, body) => ofThisApi(readError(status, body)),
  // That it broke on its way says nothing of what is stored: no event of a response can tell of it.
  brokenEnd: ({ message, code, param }, facts) =>
    Buffer.from(`event: error\ndata: ${JSON.stringify({ type: 'error', code, message, param, headgate: facts })}\n\n`),
} as const satisfies Partial<Dialect>;

/** Responses, whole or as a stream, their items, and what was done to them. */
const storedResponses: Dialect = {
  ...common,
  name: 'openai-stored-responses',
  headers: { ...headers, sent: (stream) => ({ accept: stream ? 'text/event-stream' : 'application/json' }) },
  ...(keptAnswers === undefined ? {} : { keptAnswers }),
  arrive: arriveWithoutBody,
  inspect: inspectObject,
};

/** Files and batches, as they are described and listed. */
const files = described('openai-files');
const batches = described('openai-batches');

/** What is in a file, which may be anything: a page or an error too. */
const fileContents: Dialect = {
  ...common,
  name: 'openai-file-contents',
  headers: { ...headers, sent: () => ({ accept: '*/*' }) },
  anyMediaType: true,
  arrive: arriveWithoutBody,
  inspect: (body, _arrived, mediaType = '') => ({
    body,
    mediaType: mediaType === '' ? 'application/octet-stream' : mediaType,
    facts: { hasParts: true, reason: null, usage: null },
  }),
};

/** All of them. */
export const storedDialects: readonly Dialect[] = [storedResponses, files, batches, fileContents];

function described(name: string): Dialect {
  return {
    ...common,
    name,
    headers: { ...headers, sent: () => ({ accept: 'application/json' }) },
    arrive: arriveAsItIs,
    inspect: inspectObject,
  };
}

function inspectObject(...[body, arrived]: Parameters<Dialect['inspect']>): ReadAnswer {
  const { json } = answerPayload(body, arrived, () => true);
  return { body: json, facts: { hasParts: true, reason: null, usage: null } };
}
