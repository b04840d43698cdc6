/** Anthropic's Messages API. */
import { bearerKey, headerKey } from '../client-key.ts';
import type { HubInbound, HubOutbound } from '../types.ts';
import { arrive } from './arrive.ts';
import { readError } from './errors.ts';
import { MESSAGES } from './facts.ts';
import { MessageCollector, split } from './forms.ts';
import { inspect } from './inspect.ts';
import { ownReasoning } from './own-reasoning.ts';
import { readAnswer } from './read-answer.ts';
import { readRequest } from './read-request.ts';
import { MessageReader } from './read-stream.ts';
import { watch } from './watch.ts';
import { says, writeAnswer } from './write-answer.ts';
import { brokenEnd, writeError } from './write-errors.ts';
import { writeRequest } from './write-request.ts';
import { MessageWriter } from './write-stream.ts';

/** Later versions refuse sampling parameters with any value, but clients of other dialects usually send them. */
const VERSION = '2023-06-01';

export const anthropicMessages: HubInbound & HubOutbound = {
  name: MESSAGES,
  isPaidText: true,
  longestToolName: 128,
  headers: {
    sent: (stream) => ({
      'content-type': 'application/json',
      accept: stream ? 'text/event-stream' : 'application/json',
      'anthropic-version': VERSION,
    }),
    forwarded: ['anthropic-'],
    withheld: [
      'anthropic-organization-id',
      'anthropic-workspace-id',
      // Browsers send it, and Anthropic refuses the key of an organization without access for browsers.
      'anthropic-dangerous-direct-browser-access',
    ],
    returned: ['anthropic-ratelimit-', 'request-id'],
    requestId: 'request-id',
  },
  clientKey: (headers) => headerKey(headers) ?? bearerKey(headers),
  clientMark: 'anthropic-version',
  keyHint: '"x-api-key: KEY"',
  arrive,
  inspect,
  keptAnswers: { ids: ['id'], within: 'message' },
  watch,
  split,
  collect: () => new MessageCollector(),
  readError,
  ownReasoning,
  writeError,
  brokenEnd,
  keepAlive: () => Buffer.from('event: ping\ndata: {"type": "ping"}\n\n'),
  probe: (model) => ({ model, messages: [{ role: 'user', content: 'Say hi.' }], max_tokens: 16 }),
  writeRequest,
  readAnswer,
  readStream: () => new MessageReader(),
  readRequest,
  says,
  writeAnswer,
  writeStream: (context) => new MessageWriter(context),
};
