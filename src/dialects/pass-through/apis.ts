/** The APIs, each in a few words. Sources: the `openai/openai-openapi` description; for `rerank`, what Cohere, Jina and vLLM have in common. */
import type { PlainApi } from './plain-api.ts';

/** A new one is an entry here, a line in `shared/endpoints.ts`, and its path at the providers that have it. */
export const plainApis: readonly PlainApi[] = [
  {
    name: 'openai-embeddings',
    required: ['input'],
    defaultModel: null,
    streams: false,
    lists: ['data'],
    generates: false,
  },
  {
    name: 'openai-moderations',
    required: ['input'],
    defaultModel: 'omni-moderation-latest',
    streams: false,
    lists: ['results'],
    generates: false,
  },
  {
    name: 'rerank',
    required: ['query', 'documents'],
    defaultModel: null,
    streams: false,
    // Voyage calls it `data`.
    lists: ['results', 'data'],
    generates: false,
  },
  {
    name: 'openai-images',
    required: ['prompt'],
    defaultModel: null,
    streams: true,
    lists: ['data'],
    generates: true,
  },
];
