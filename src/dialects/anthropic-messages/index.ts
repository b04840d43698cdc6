/** Anthropic's Messages API. */
import type { HubOutbound } from '../types.ts';
import { readError } from './errors.ts';
import { MESSAGES } from './facts.ts';
import { readAnswer } from './read-answer.ts';
import { MessageReader } from './read-stream.ts';
import { writeRequest } from './write-request.ts';

/** Later versions refuse sampling parameters with any value, but clients of other dialects usually send them. */
const VERSION = '2023-06-01';

export const anthropicMessages: HubOutbound = {
  name: MESSAGES,
  headers: {
    sent: (stream) => ({
      'content-type': 'application/json',
      accept: stream ? 'text/event-stream' : 'application/json',
      'anthropic-version': VERSION,
    }),
    returned: ['anthropic-ratelimit-'],
  },
  readError,
  probe: (model) => ({ model, messages: [{ role: 'user', content: 'Say hi.' }], max_tokens: 16 }),
  writeRequest,
  readAnswer,
  readStream: () => new MessageReader(),
};
