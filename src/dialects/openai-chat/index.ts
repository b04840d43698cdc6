/** OpenAI's chat completions, as OpenAI and every compatible provider speak it. */
import { errorEnvelope } from '../../wire/error-envelope.ts';
import { sseData } from '../../wire/sse.ts';
import { bearerKey, headerKey } from '../client-key.ts';
import { OPENAI } from '../families.ts';
import type { HubInbound, HubOutbound } from '../types.ts';
import { arrive } from './arrive.ts';
import { readError } from './errors.ts';
import { CHAT } from './facts.ts';
import { ChatCollector, split } from './forms.ts';
import { inspect } from './inspect.ts';
import { ownReasoning } from './own-reasoning.ts';
import { readAnswer } from './read-answer.ts';
import { readRequest } from './read-request.ts';
import { ChunkReader } from './read-stream.ts';
import { usageWish } from './usage-wish.ts';
import { ChatStream } from './watch.ts';
import { says, writeAnswer } from './write-answer.ts';
import { writeRequest } from './write-request.ts';
import { ChunkWriter } from './write-stream.ts';

export const openaiChat: HubInbound & HubOutbound = {
  name: CHAT,
  isPaidText: true,
  family: OPENAI,
  longestToolName: 64,
  headers: {
    sent: (stream) => ({
      'content-type': 'application/json',
      accept: stream ? 'text/event-stream' : 'application/json',
    }),
    forwarded: ['openai-beta'],
    returned: ['openai-processing-ms', 'openai-version', 'x-ratelimit-'],
    requestId: null,
  },
  clientKey: (headers) => bearerKey(headers) ?? headerKey(headers),
  clientMark: null,
  keyHint: '"authorization: Bearer KEY"',
  arrive,
  inspect,
  watch: (context) => new ChatStream(context),
  split,
  collect: () => new ChatCollector(),
  readError,
  ownReasoning,
  usageWish,
  writeError: (error, facts) => Buffer.from(JSON.stringify(errorEnvelope(error, facts))),
  brokenEnd: (error, facts) => sseData(JSON.stringify(errorEnvelope(error, facts))),
  keepAlive: () => Buffer.from(': keep-alive\n\n'),
  probe: (model) => ({ model, messages: [{ role: 'user', content: 'Say hi.' }], max_completion_tokens: 16 }),
  readRequest,
  says,
  writeAnswer,
  writeStream: (context) => new ChunkWriter(context),
  writeRequest,
  readAnswer,
  readStream: () => new ChunkReader(),
};
