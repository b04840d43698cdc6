/** OpenAI, and every compatible provider that differs only in its base URL. */
import type { Provider } from './types.ts';

export const openai: Provider = {
  type: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  keyVariable: 'OPENAI_API_KEY',
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
  framing: 'sse',
  credentials: 'bearer',
};
