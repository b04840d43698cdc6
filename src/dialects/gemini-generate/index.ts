/** Gemini's own API (`generateContent`), of targets behind clients of other dialects. */
import { CHAT } from '../families.ts';
import type { HubOutbound } from '../types.ts';
import { readError } from './errors.ts';
import { GEMINI } from './facts.ts';
import { ownReasoning } from './own-reasoning.ts';
import { readAnswer } from './read-answer.ts';
import { GenerateReader } from './read-stream.ts';
import { writeRequest } from './write-request.ts';

/** Of targets alone: no client speaks it to the gateway. */
export const geminiGenerate: HubOutbound = {
  name: GEMINI,
  isPaidText: true,
  // Some of what only chats say Gemini has too: its compatible API is one of chats.
  family: CHAT,
  longestToolName: 64,
  headers: {
    sent: (stream) => ({
      'content-type': 'application/json',
      accept: stream ? 'text/event-stream' : 'application/json',
    }),
    forwarded: [],
    returned: [],
    requestId: null,
  },
  readError,
  ownReasoning,
  probe: () => ({
    contents: [{ role: 'user', parts: [{ text: 'Say hi.' }] }],
    generationConfig: { maxOutputTokens: 16 },
  }),
  writeRequest,
  readAnswer,
  readStream: () => new GenerateReader(),
};
