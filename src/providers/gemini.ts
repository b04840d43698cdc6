/**
 * Gemini with a key of AI Studio. Clients of chats are answered by Google's compatible API, their bytes untouched; all others
 * through Gemini's own.
 */
import { generatePath } from './google-paths.ts';
import type { Provider } from './types.ts';

const OWN = 'gemini-generate';

export const gemini: Provider = {
  type: 'gemini',
  about: {
    name: 'Gemini',
    page: 'https://ai.google.dev/gemini-api/docs',
    notes: [
      {
        text: 'Clients of chats get the compatible API, untouched; all others Gemini’s own, whose thought signatures go to the client and back.',
        source: 'https://ai.google.dev/gemini-api/docs/thought-signatures',
      },
    ],
  },
  baseUrl: 'https://generativelanguage.googleapis.com',
  needsKey: true,
  offer: { variables: [{ name: 'GEMINI_API_KEY', key: 'api_key' }], maxTokens: null },
  modelList: '/v1beta/models?pageSize=1000',
  pricedAs: 'google',
  dialects: {
    [OWN]: ({ model, stream }) => `/v1beta/models/${generatePath(model.replace(/^models\//, ''), stream)}`,
    'openai-chat': '/v1beta/openai/chat/completions',
    'openai-embeddings': '/v1beta/openai/embeddings',
    'openai-images': '/v1beta/openai/images/generations',
  },
  framing: 'sse',
  credentials: (_given, dialect) => (dialect === OWN ? 'x-goog-api-key' : 'bearer'),
};
