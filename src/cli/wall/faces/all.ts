/** All faces, in the order of the report. A new one is registered only here. */
import { chat, chatTools } from './chat.ts';
import { completions } from './completions.ts';
import { embeddings } from './embeddings.ts';
import type { Face } from './face.ts';
import { messages, messagesTools } from './messages.ts';
import { responses, responsesTools } from './responses.ts';

export const faces: readonly Face[] = [
  chat,
  chatTools,
  messages,
  messagesTools,
  responses,
  responsesTools,
  completions,
  embeddings,
];
