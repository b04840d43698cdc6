/** Anthropic's own API. */
import type { Provider } from './types.ts';

export const anthropic: Provider = {
  type: 'anthropic',
  about: { name: 'Anthropic', page: 'https://platform.claude.com/docs/en/api/overview', notes: [] },
  baseUrl: 'https://api.anthropic.com',
  needsKey: true,
  offer: { variables: [{ name: 'ANTHROPIC_API_KEY', key: 'api_key' }], maxTokens: 4096 },
  modelList: '/v1/models?limit=1000',
  dialects: { 'anthropic-messages': '/v1/messages', 'anthropic-count-tokens': '/v1/messages/count_tokens' },
  framing: 'sse',
  credentials: 'x-api-key',
};
