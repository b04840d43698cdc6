/** The fake OpenAI: its APIs, its errors and its models, as in the `openai/openai-openapi` description. */
import type { Dialect } from './dialect.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiCompletions } from './openai-completions.ts';
import { openaiEmbeddings } from './openai-embeddings.ts';
import { created, errorBody } from './openai-facts.ts';
import { openaiModerations } from './openai-moderations.ts';
import { openaiResponses } from './openai-responses.ts';

const models = ['gpt-4', 'gpt-4o', 'gpt-4o-mini'].map((id) => ({ id, object: 'model', created, owned_by: 'headgate' }));

const list = JSON.stringify({ object: 'list', data: models });

export const openaiDialect: Dialect = {
  name: 'openai',
  apis: [openaiChat, openaiResponses, openaiCompletions, openaiEmbeddings, openaiModerations],
  idHeader: 'x-request-id',
  maxBodyBytes: 64 * 1024 * 1024,
  versionOf: () => 'v1',
  error: (status, message, param) => JSON.stringify(errorBody(status, message, param)),
  streamErrorStatus: 500,
  modelLists: new Map(['/v1/models', '/models'].map((path) => [path, list])),
};
