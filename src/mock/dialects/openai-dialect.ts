/**
 * The OpenAI dialect of the fake provider: answers, streams and errors of chat completions, as in the
 * `openai/openai-openapi` description.
 */
import { createHash } from 'node:crypto';
import type { Ask } from './ask.ts';
import { type Content, wholeText } from './content.ts';
import type { Dialect, StreamEvents } from './dialect.ts';
import { readOpenaiRequest } from './openai-request.ts';

/** A fixed time, since answers to the same request must have the same bytes each time. */
const created = 1_750_000_000;

function plain(ask: Ask, content: Content): string {
  const tool = content.kind === 'tool';
  const message = { role: 'assistant', content: tool ? null : wholeText(content), refusal: null };
  const calls = tool ? { tool_calls: [toolCall(ask, wholeText(content))] } : {};
  return JSON.stringify({
    id: idOf(ask),
    object: 'chat.completion',
    created,
    model: ask.model,
    choices: [{ index: 0, message: { ...message, ...calls }, logprobs: null, finish_reason: finishReason(content) }],
    usage: usage(ask, content),
  });
}

function stream(ask: Ask, content: Content): StreamEvents {
  const id = idOf(ask);
  const unused = ask.includeUsage ? { usage: null } : {};
  const chunk = (choices: readonly unknown[], rest: object): string =>
    sseEvent(JSON.stringify({ id, object: 'chat.completion.chunk', created, model: ask.model, choices, ...rest }));
  const delta = (fields: object, finish: string | null = null): string =>
    chunk([{ index: 0, delta: fields, logprobs: null, finish_reason: finish }], unused);
  const callDelta = (call: object): string => delta({ tool_calls: [{ index: 0, ...call }] });
  const tool = content.kind === 'tool';
  const last = ask.includeUsage ? chunk([], { usage: usage(ask, content) }) : '';
  return {
    opening: Buffer.from(delta({ role: 'assistant', content: tool ? null : '', refusal: null })),
    pieces: content.pieces,
    piece(index) {
      const text = content.piece(index);
      if (!tool) return Buffer.from(delta({ content: text }));
      const head = index === 0 ? callDelta(toolCall(ask, '')) : '';
      return Buffer.from(head + callDelta({ function: { arguments: text } }));
    },
    closing: Buffer.from(`${delta({}, finishReason(content))}${last}${sseEvent('[DONE]')}`),
  };
}

function toolCall(ask: Ask, argumentsText: string): object {
  return {
    id: `call_${idOf(ask).slice(-12)}`,
    type: 'function',
    function: { name: ask.tool?.name, arguments: argumentsText },
  };
}

function usage(ask: Ask, content: Content): object {
  return {
    prompt_tokens: ask.promptTokens,
    completion_tokens: content.tokens,
    total_tokens: ask.promptTokens + content.tokens,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}

function finishReason(content: Content): string {
  if (content.kind === 'tool') return 'tool_calls';
  return content.truncated ? 'length' : 'stop';
}

function idOf(ask: Ask): string {
  return `chatcmpl-${createHash('sha1').update(`${ask.model}\n${ask.prompt}`).digest('hex').slice(0, 24)}`;
}

function sseEvent(data: string): string {
  return `data: ${data}\n\n`;
}

function error(status: number, message: string, param?: string): string {
  const [type, code] = errorKinds[status] ?? (status >= 500 ? ['server_error', null] : ['invalid_request_error', null]);
  return JSON.stringify({ error: { message, type, param: param ?? null, code } });
}

const errorKinds: Readonly<Record<number, readonly [type: string, code: string | null]>> = {
  401: ['invalid_request_error', 'invalid_api_key'],
  404: ['invalid_request_error', 'model_not_found'],
  429: ['requests', 'rate_limit_exceeded'],
};

const models = ['gpt-4', 'gpt-4o', 'gpt-4o-mini'].map((id) => ({ id, object: 'model', created, owned_by: 'headgate' }));

export const openaiDialect: Dialect = {
  name: 'openai',
  paths: ['/v1/chat/completions', '/chat/completions'],
  idHeader: 'x-request-id',
  maxBodyBytes: 64 * 1024 * 1024,
  versionOf: () => 'v1',
  read: readOpenaiRequest,
  plain,
  stream,
  error,
  errorEvent: Buffer.from(sseEvent(error(500, 'The fake openai provider fails in the stream because a fault is set.'))),
  errorEventStatus: 500,
  badEvent: Buffer.from(sseEvent('{"id":"chatcmpl-broken","choices":[{"del')),
  models: JSON.stringify({ object: 'list', data: models }),
};
