/** Anthropic's own API. */
import type { Provider } from './types.ts';

export const anthropic: Provider = {
  type: 'anthropic',
  baseUrl: 'https://api.anthropic.com',
  needsKey: true,
  // As of November 2026.
  offer: {
    variable: 'ANTHROPIC_API_KEY',
    maxTokens: 4096,
    models: [
      'claude-fable-5-2',
      'claude-mythos-5-2',
      'claude-opus-5-5',
      'claude-sonnet-5-5',
      'claude-haiku-5-5',
      'claude-opus-5',
      'claude-sonnet-5',
      'claude-opus-4-6',
      'claude-sonnet-4-6',
      'claude-opus-4-5',
      'claude-sonnet-4-5',
      'claude-haiku-4-5',
    ],
  },
  dialects: { 'anthropic-messages': '/v1/messages', 'anthropic-count-tokens': '/v1/messages/count_tokens' },
  framing: 'sse',
  credentials: 'x-api-key',
};
