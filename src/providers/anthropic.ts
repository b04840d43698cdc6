/** Anthropic's own API. */
import type { Provider } from './types.ts';

export const anthropic: Provider = {
  type: 'anthropic',
  baseUrl: 'https://api.anthropic.com',
  keyVariable: 'ANTHROPIC_API_KEY',
  dialects: { 'anthropic-messages': '/v1/messages', 'anthropic-count-tokens': '/v1/messages/count_tokens' },
  framing: 'sse',
  credentials: 'x-api-key',
};
