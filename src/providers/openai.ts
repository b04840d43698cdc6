/** OpenAI, and every compatible provider that differs only in its base URL. */
import type { Provider } from './types.ts';

export const openai: Provider = {
  type: 'openai',
  about: { name: 'OpenAI', page: 'https://developers.openai.com/api/reference/overview', notes: [] },
  baseUrl: 'https://api.openai.com/v1',
  needsKey: true,
  offer: { variables: [{ name: 'OPENAI_API_KEY', key: 'api_key' }], maxTokens: null },
  modelList: '/models',
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
