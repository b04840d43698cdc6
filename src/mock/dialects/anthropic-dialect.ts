/** The fake Anthropic: its APIs, its errors and its models, as in docs.claude.com. */
import { anthropicCountTokens, anthropicMessages } from './anthropic-messages.ts';
import { anthropicVersionOf } from './anthropic-messages-request.ts';
import type { Dialect } from './dialect.ts';

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

function error(status: number, message: string): string {
  const type = errorTypes[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return JSON.stringify({ type: 'error', error: { type, message } });
}

const models = ['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-5'].map((id) => ({
  type: 'model',
  id,
  display_name: id,
  created_at: '2025-06-15T00:00:00Z',
}));

const list = JSON.stringify({
  data: models,
  has_more: false,
  first_id: models.at(0)?.id,
  last_id: models.at(-1)?.id,
});

export const anthropicDialect: Dialect = {
  name: 'anthropic',
  apis: [anthropicMessages, anthropicCountTokens],
  idHeader: 'request-id',
  maxBodyBytes: 32 * 1024 * 1024,
  versionOf: anthropicVersionOf,
  error,
  streamErrorStatus: 529,
  modelLists: new Map([['/v1/models', list]]),
};
