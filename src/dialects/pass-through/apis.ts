/** The APIs, each in a few words. Sources: the `openai/openai-openapi` description; for `rerank`, what Cohere, Jina and vLLM have in common. */
import type { PlainApi } from './plain-api.ts';

/** A new one is an entry here, a line in `shared/endpoints.ts`, and its path at the providers that have it. */
export const plainApis: readonly PlainApi[] = [
  {
    name: 'openai-embeddings',
    required: ['input'],
    defaultModel: null,
    streamBy: null,
    lists: ['data'],
    generates: false,
  },
  {
    name: 'openai-moderations',
    required: ['input'],
    defaultModel: 'omni-moderation-latest',
    streamBy: null,
    lists: ['results'],
    generates: false,
  },
  {
    name: 'rerank',
    required: ['query', 'documents'],
    defaultModel: null,
    streamBy: null,
    // Voyage calls it `data`.
    lists: ['results', 'data'],
    generates: false,
  },
  {
    name: 'openai-images',
    required: ['prompt'],
    defaultModel: null,
    streamBy: 'stream',
    lists: ['data'],
    generates: true,
  },
  {
    name: 'openai-image-edits',
    // The picture has several names.
    required: ['prompt'],
    defaultModel: null,
    streamBy: 'stream',
    lists: ['data'],
    generates: true,
  },
  {
    name: 'openai-transcriptions',
    required: ['file'],
    defaultModel: null,
    streamBy: 'stream',
    // JSON, text, subtitles.
    lists: null,
    generates: true,
  },
  {
    name: 'openai-translations',
    required: ['file'],
    defaultModel: null,
    streamBy: null,
    lists: null,
    generates: true,
  },
  {
    name: 'openai-speech',
    required: ['input'],
    defaultModel: null,
    streamBy: 'stream_format',
    // Audio.
    lists: null,
    generates: true,
  },
];
