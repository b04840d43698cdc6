/**
 * The endpoints whose requests go to a provider. A new one is a line of one of these tables; what it says is a dialect's,
 * in `src/dialects`. Its label is a label value of metrics: those are a closed list.
 */
import type { PassedThrough } from './config.ts';

/**
 * What a request's body must be once it is unpacked. `json`: one JSON value, sent as such. `form`: a form with files
 * (multipart/form-data). `none`: nothing is asked of it, since the path has said all.
 */
export type BodyRule = 'json' | 'form' | 'json-or-form' | 'none';

export type Method = 'POST' | 'GET' | 'DELETE';

/** Requests for a model, all of them POSTs. The first is the one that is asked most. */
export const modelEndpoints = [
  { path: '/v1/chat/completions', label: 'chat_completions', dialect: 'openai-chat', body: 'json' },
  { path: '/v1/responses', label: 'responses', dialect: 'openai-responses', body: 'json' },
  {
    path: '/v1/responses/input_tokens',
    label: 'response_tokens',
    dialect: 'openai-response-tokens',
    body: 'json',
    answersAtOnce: true,
  },
  { path: '/v1/responses/compact', label: 'response_compaction', dialect: 'openai-response-compaction', body: 'json' },
  { path: '/v1/messages', label: 'messages', dialect: 'anthropic-messages', body: 'json' },
  {
    path: '/v1/messages/count_tokens',
    label: 'count_tokens',
    dialect: 'anthropic-count-tokens',
    body: 'json',
    answersAtOnce: true,
  },
  { path: '/v1/completions', label: 'completions', dialect: 'openai-completions', body: 'json' },
  { path: '/v1/embeddings', label: 'embeddings', dialect: 'openai-embeddings', body: 'json' },
  { path: '/v1/moderations', label: 'moderations', dialect: 'openai-moderations', body: 'json' },
  { path: '/v1/rerank', label: 'rerank', dialect: 'rerank', body: 'json' },
  { path: '/v1/images/generations', label: 'images', dialect: 'openai-images', body: 'json' },
  { path: '/v1/images/edits', label: 'image_edits', dialect: 'openai-image-edits', body: 'json-or-form' },
  { path: '/v1/audio/transcriptions', label: 'transcriptions', dialect: 'openai-transcriptions', body: 'form' },
  { path: '/v1/audio/translations', label: 'translations', dialect: 'openai-translations', body: 'form' },
  { path: '/v1/audio/speech', label: 'speech', dialect: 'openai-speech', body: 'json' },
] as const satisfies readonly [ModelEndpoint, ...ModelEndpoint[]];

interface ModelEndpoint {
  readonly path: string;
  readonly label: string;
  /** The name of the dialect in which it is asked and answers. */
  readonly dialect: string;
  readonly body: BodyRule;
  /** Whether no model thinks about the answer, so that it says nothing of how long others take. Default: one does. */
  readonly answersAtOnce?: true;
}

/** By what the target is found of a request that names no model: a response that it keeps, or the configuration. */
export type Whose = 'response' | PassedThrough;

interface StoreEndpoint extends ModelEndpoint {
  readonly method: Method;
  readonly whose: Whose;
}

const responses = {
  label: 'stored_responses',
  dialect: 'openai-stored-responses',
  body: 'none',
  whose: 'response',
} as const;
const files = { label: 'files', dialect: 'openai-files', whose: 'files' } as const;
const batches = { label: 'batches', dialect: 'openai-batches', whose: 'batches' } as const;

/**
 * Requests for what a provider stores. `{id}` is its own name of that. A path in which it is followed by more stands above
 * the one in which it is not.
 */
export const storeEndpoints = [
  { method: 'GET', path: '/v1/responses/{id}/input_items', ...responses },
  { method: 'POST', path: '/v1/responses/{id}/cancel', ...responses },
  { method: 'GET', path: '/v1/responses/{id}', ...responses },
  { method: 'DELETE', path: '/v1/responses/{id}', ...responses },
  { method: 'POST', path: '/v1/files', ...files, body: 'form' },
  { method: 'GET', path: '/v1/files', ...files, body: 'none' },
  { method: 'GET', path: '/v1/files/{id}/content', ...files, dialect: 'openai-file-contents', body: 'none' },
  { method: 'GET', path: '/v1/files/{id}', ...files, body: 'none' },
  { method: 'DELETE', path: '/v1/files/{id}', ...files, body: 'none' },
  { method: 'POST', path: '/v1/batches', ...batches, body: 'json' },
  { method: 'GET', path: '/v1/batches', ...batches, body: 'none' },
  { method: 'POST', path: '/v1/batches/{id}/cancel', ...batches, body: 'none' },
  { method: 'GET', path: '/v1/batches/{id}', ...batches, body: 'none' },
] as const satisfies readonly StoreEndpoint[];

/** Where a request is counted; `other` for a path that is none of these. */
export type EndpointLabel =
  | (typeof modelEndpoints)[number]['label']
  | (typeof storeEndpoints)[number]['label']
  | 'other';

/** All label values. */
export const endpointLabels: readonly EndpointLabel[] = [
  ...new Set([...modelEndpoints, ...storeEndpoints].map(({ label }) => label)),
  'other',
];
