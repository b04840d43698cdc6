/**
 * The endpoints that take a request for a model. A new one is a line of this table; what it says is a dialect's, in
 * `src/dialects`. Its label is a label value of metrics: those are a closed list.
 */

/**
 * What a request's body must be once it is unpacked. `json`: one JSON value, sent as such. `form`: a form with files
 * (multipart/form-data).
 */
export type BodyRule = 'json' | 'form' | 'json-or-form';

/** The first is the one that is asked most. */
export const modelEndpoints = [
  { path: '/v1/chat/completions', label: 'chat_completions', dialect: 'openai-chat', body: 'json' },
  { path: '/v1/responses', label: 'responses', dialect: 'openai-responses', body: 'json' },
  { path: '/v1/messages', label: 'messages', dialect: 'anthropic-messages', body: 'json' },
  { path: '/v1/messages/count_tokens', label: 'count_tokens', dialect: 'anthropic-count-tokens', body: 'json' },
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
}

/** Where a request is counted; `other` for a path that is none of these. */
export type EndpointLabel = (typeof modelEndpoints)[number]['label'] | 'other';

/** All label values. */
export const endpointLabels: readonly EndpointLabel[] = [...modelEndpoints.map(({ label }) => label), 'other'];
