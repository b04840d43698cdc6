/**
 * Gemini with a key of AI Studio. Clients of chats are answered by Google's compatible API, their bytes untouched; all others
 * through Gemini's own.
 */
import { generatePath } from './google-paths.ts';
import type { Provider } from './types.ts';

const OWN = 'gemini-generate';

export const gemini: Provider = {
  type: 'gemini',
  baseUrl: 'https://generativelanguage.googleapis.com',
  needsKey: true,
  // As of November 2026.
  offer: {
    variable: 'GEMINI_API_KEY',
    maxTokens: null,
    models: [
      'gemini-3.8-flash',
      'gemini-3.7-flash',
      'gemini-3.6-flash',
      'gemini-3.5-flash',
      'gemini-3.5-flash-lite',
      'gemini-3.1-pro-preview',
      'gemini-3.1-flash-lite',
      'gemini-3-flash-preview',
      'gemini-2.5-pro',
      'gemini-2.5-flash',
      'gemini-2.5-flash-lite',
    ],
  },
  dialects: {
    [OWN]: ({ model, stream }) => `/v1beta/models/${generatePath(model.replace(/^models\//, ''), stream)}`,
    'openai-chat': '/v1beta/openai/chat/completions',
    'openai-embeddings': '/v1beta/openai/embeddings',
    'openai-images': '/v1beta/openai/images/generations',
  },
  framing: 'sse',
  credentials: (_given, dialect) => (dialect === OWN ? 'x-goog-api-key' : 'bearer'),
};
