/** Bedrock's Converse, which all chat models there speak. No client of ours speaks it: it is a target's alone. */
import type { HubOutbound } from '../types.ts';
import { readError } from './errors.ts';
import { CONVERSE } from './facts.ts';
import { ownReasoning } from './own-reasoning.ts';
import { readAnswer } from './read-answer.ts';
import { ConverseReader } from './read-stream.ts';
import { writeRequest } from './write-request.ts';

/** Of targets alone: no client speaks it to the gateway. */
export const bedrockConverse: HubOutbound = {
  name: CONVERSE,
  isPaidText: true,
  longestToolName: 64,
  headers: {
    sent: (stream) => ({
      'content-type': 'application/json',
      accept: stream ? 'application/vnd.amazon.eventstream' : 'application/json',
    }),
    forwarded: [],
    returned: [],
    requestId: null,
  },
  readError,
  ownReasoning,
  probe: () => ({ messages: [{ role: 'user', content: [{ text: 'Say hi.' }] }], inferenceConfig: { maxTokens: 16 } }),
  writeRequest,
  readAnswer,
  readStream: () => new ConverseReader(),
};
