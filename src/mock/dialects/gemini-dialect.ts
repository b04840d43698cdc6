/**
 * The fake Gemini, at the addresses of AI Studio and of Vertex: its own API, the compatible one, and on Vertex Claude too, whose
 * model stands in the path and whose version in the body.
 */
import { anthropicMessages } from './anthropic-messages.ts';
import type { Api, Dialect } from './dialect.ts';
import { Refusal } from './dialect.ts';
import { geminiGenerate } from './gemini-generate.ts';
import { isRecord } from './json-reading.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiEmbeddings } from './openai-embeddings.ts';

const statusWords: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const VERTEX_VERSION = 'vertex-2023-10-16';

const claude =
  /^\/v1\/projects\/[^/]+\/locations\/[^/]+\/publishers\/anthropic\/models\/([^/:]+):(rawPredict|streamRawPredict)$/;
const compatibleChat = /^\/v1\/projects\/[^/]+\/locations\/[^/]+\/endpoints\/openapi\/chat\/completions$/;

const claudeOfVertex: Api = {
  paths: [],
  isAt: (path) => claude.test(path),
  read(body, _version, path) {
    const [, model = '', method] = claude.exec(path) ?? [];
    if (!isRecord(body)) throw new Refusal('The request body is not a valid JSON object');
    const { anthropic_version: version, ...rest } = body;
    if (version !== VERTEX_VERSION) throw new Refusal(`anthropic_version: should be ${VERTEX_VERSION}`);
    if ('model' in rest) throw new Refusal('model: Extra inputs are not permitted');
    const isStream = rest.stream === true;
    if (isStream !== (method === 'streamRawPredict')) throw new Refusal(`stream: does not go with ${method}`);
    return anthropicMessages.read({ ...rest, model: decodeURIComponent(model) }, '2023-06-01', path);
  },
};

const ids = ['gemini-3.8-flash', 'gemini-2.5-flash'];

const models = ids.map((id) => ({
  name: `models/${id}`,
  version: '001',
  displayName: id,
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: ['generateContent', 'countTokens'],
}));

const compatibleModels = ids.map((id) => ({ id: `models/${id}`, object: 'model', owned_by: 'google' }));

export const geminiDialect: Dialect = {
  name: 'gemini',
  apis: [
    geminiGenerate,
    claudeOfVertex,
    { ...openaiChat, paths: ['/v1beta/openai/chat/completions'], isAt: (path) => compatibleChat.test(path) },
    { ...openaiEmbeddings, paths: ['/v1beta/openai/embeddings'] },
  ],
  idHeader: 'x-goog-request-id',
  maxBodyBytes: 64 * 1024 * 1024,
  versionOf: () => 'v1beta',
  error: (code, message) =>
    JSON.stringify({ error: { code, message, status: statusWords[code] ?? (code >= 500 ? 'INTERNAL' : 'UNKNOWN') } }),
  streamErrorStatus: 503,
  modelLists: new Map([
    ...['/v1beta/models', '/v1/models'].map((path) => [path, JSON.stringify({ models })] as const),
    ['/v1beta/openai/models', JSON.stringify({ object: 'list', data: compatibleModels })],
  ]),
};
