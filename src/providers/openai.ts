/** OpenAI, and every compatible provider that differs only in its base URL. */
import type { Provider } from './types.ts';

export const openai: Provider = {
  type: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  keyVariable: 'OPENAI_API_KEY',
  dialects: { 'openai-chat': '/chat/completions' },
  ownDialects: { 'openai-responses': '/responses' },
  framing: 'sse',
  credentials: 'bearer',
};
