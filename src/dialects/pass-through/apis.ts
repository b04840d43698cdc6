/** The APIs, each in a few words. Sources: the `openai/openai-openapi` description; for `rerank`, what Cohere, Jina and vLLM have in common. */
import type { PlainApi } from './plain-api.ts';

/** A new one is an entry here, a line in `shared/endpoints.ts`, and its path at the providers that have it. */
export const plainApis: readonly PlainApi[] = [
  {
    name: 'openai-embeddings',
    isPaidText: true,
    required: ['input'],
    defaultModel: null,
    streamBy: null,
    lists: ['data'],
    output: null,
  },
  {
    name: 'openai-moderations',
    isPaidText: false,
    required: ['input'],
    defaultModel: 'omni-moderation-latest',
    streamBy: null,
    lists: ['results'],
    output: null,
  },
  {
    name: 'rerank',
    isPaidText: true,
    required: ['query', 'documents'],
    defaultModel: null,
    streamBy: null,
    // Voyage calls it `data`.
    lists: ['results', 'data'],
    output: null,
  },
  {
    name: 'openai-images',
    isPaidText: false,
    required: ['prompt'],
    defaultModel: null,
    streamBy: 'stream',
    lists: ['data'],
    output: 'image',
  },
  {
    name: 'openai-image-edits',
    isPaidText: false,
    // The picture has several names.
    required: ['prompt'],
    defaultModel: null,
    streamBy: 'stream',
    lists: ['data'],
    output: 'image',
  },
  {
    name: 'openai-transcriptions',
    isPaidText: false,
    required: ['file'],
    defaultModel: null,
    streamBy: 'stream',
    // JSON, text, subtitles.
    lists: null,
    output: 'text',
  },
  {
    name: 'openai-translations',
    isPaidText: false,
    required: ['file'],
    defaultModel: null,
    streamBy: null,
    lists: null,
    output: 'text',
  },
  {
    name: 'openai-speech',
    isPaidText: false,
    required: ['input'],
    defaultModel: null,
    streamBy: 'stream_format',
    // Audio.
    lists: null,
    output: 'audio',
  },
];
