/** OpenAI, and every compatible provider that differs only in its base URL. */
import type { Provider } from './types.ts';

export const openai: Provider = {
  type: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  needsKey: true,
  // As of November 2026.
  offer: {
    variable: 'OPENAI_API_KEY',
    maxTokens: null,
    models: [
      'gpt-6.1-sol',
      'gpt-6.1-terra',
      'gpt-6-astra',
      'gpt-6-sol',
      'gpt-6-luna',
      'gpt-5.5',
      'gpt-5.4',
      'gpt-5.4-mini',
      'gpt-5.4-nano',
      'gpt-5.2',
      'gpt-5.1',
      'gpt-5',
      'gpt-5-mini',
      'gpt-5-nano',
      'gpt-4.1',
      'gpt-4.1-mini',
      'gpt-4.1-nano',
      'gpt-4o',
      'gpt-4o-mini',
      'gpt-4-turbo',
      'gpt-4',
      'o4-mini',
      'o3',
    ],
  },
  dialects: {
    'openai-chat': '/chat/completions',
    'openai-completions': '/completions',
    'openai-embeddings': '/embeddings',
    'openai-moderations': '/moderations',
    'openai-images': '/images/generations',
    'openai-image-edits': '/images/edits',
    'openai-transcriptions': '/audio/transcriptions',
    'openai-translations': '/audio/translations',
    'openai-speech': '/audio/speech',
    // OpenAI has none, but compatible providers do.
    rerank: '/rerank',
  },
  ownDialects: { 'openai-responses': '/responses' },
  parts: {
    'openai-responses': {
      'openai-stored-responses': '/responses',
      'openai-response-tokens': '/responses/input_tokens',
      'openai-response-compaction': '/responses/compact',
    },
  },
  stores: { 'openai-files': '/files', 'openai-file-contents': '/files', 'openai-batches': '/batches' },
  framing: 'sse',
  credentials: 'bearer',
};
