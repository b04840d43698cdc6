/**
 * The endpoints that take a request for a model. A new one is a line of this table; what it says is a dialect's, in
 * `src/dialects`. Its label is a label value of metrics: those are a closed list.
 */

/** What a request's body must be. `json`: one JSON value, sent as such, without content-encoding. */
export type BodyRule = 'json';

/** The first is the one that is asked most. */
export const modelEndpoints = [
  { path: '/v1/chat/completions', label: 'chat_completions', dialect: 'openai-chat', body: 'json' },
  { path: '/v1/responses', label: 'responses', dialect: 'openai-responses', body: 'json' },
  { path: '/v1/messages', label: 'messages', dialect: 'anthropic-messages', body: 'json' },
  { path: '/v1/messages/count_tokens', label: 'count_tokens', dialect: 'anthropic-count-tokens', body: 'json' },
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
