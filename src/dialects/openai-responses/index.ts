/** OpenAI's Responses API: for clients, and of targets behind clients of other dialects. */
import { bearerKey, headerKey } from '../client-key.ts';
import { OPENAI } from '../families.ts';
import type { HubInbound, HubOutbound } from '../types.ts';
import { arrive } from './arrive.ts';
import { readError } from './errors.ts';
import { RESPONSES } from './facts.ts';
import { ResponseCollector, split } from './forms.ts';
import { inspect } from './inspect.ts';
import { keepAlive } from './keep-alive.ts';
import { kept } from './kept.ts';
import { ownReasoning } from './own-reasoning.ts';
import { readAnswer } from './read-answer.ts';
import { readRequest } from './read-request.ts';
import { ResponseReader } from './read-stream.ts';
import { watch } from './watch.ts';
import { says, writeAnswer } from './write-answer.ts';
import { brokenEnd, writeError } from './write-errors.ts';
import { writeRequest } from './write-request.ts';
import { ResponseWriter } from './write-stream.ts';

export const openaiResponses: HubInbound & HubOutbound = {
  name: RESPONSES,
  isPaidText: true,
  family: OPENAI,
  longestToolName: 64,
  headers: {
    sent: (stream) => ({
      'content-type': 'application/json',
      accept: stream ? 'text/event-stream' : 'application/json',
    }),
    // Besides what is OpenAI's: what Codex says of its session and turn, and what it is told to say again.
    forwarded: ['openai-beta', 'session-id', 'thread-id', 'x-codex-'],
    returned: ['openai-processing-ms', 'openai-version', 'x-codex-turn-state', 'x-ratelimit-'],
    requestId: null,
  },
  clientKey: (headers) => bearerKey(headers) ?? headerKey(headers),
  clientMark: null,
  keyHint: '"authorization: Bearer KEY"',
  arrive,
  inspect,
  keptAnswers: { ids: ['id', 'previous_response_id'], within: 'response' },
  watch,
  split,
  collect: () => new ResponseCollector(),
  readError,
  ownReasoning,
  writeError,
  brokenEnd,
  endsCleanly: true,
  keepAlive,
  readRequest,
  kept,
  says,
  writeAnswer,
  writeStream: (context) => new ResponseWriter(context),
  probe: (model) => ({ model, input: 'Say hi.', max_output_tokens: 16, store: false }),
  writeRequest,
  readAnswer,
  readStream: () => new ResponseReader(),
};
