/** Which dialects of clients stand before which of targets. */
import type { Pair } from './cells.ts';

/** All pairs of which the gateway says that they work. */
export const pairs: readonly Pair[] = [
  { face: 'openai-chat', outbound: 'openai-chat' },
  { face: 'openai-chat', outbound: 'anthropic-messages' },
  { face: 'openai-chat', outbound: 'openai-responses' },
  { face: 'openai-chat', outbound: 'bedrock-converse' },
  { face: 'anthropic-messages', outbound: 'openai-chat' },
  { face: 'anthropic-messages', outbound: 'anthropic-messages' },
  { face: 'anthropic-messages', outbound: 'openai-responses' },
  { face: 'anthropic-messages', outbound: 'bedrock-converse' },
  { face: 'openai-responses', outbound: 'openai-chat' },
  { face: 'openai-responses', outbound: 'anthropic-messages' },
  { face: 'openai-responses', outbound: 'openai-responses' },
  { face: 'openai-responses', outbound: 'bedrock-converse' },
];
