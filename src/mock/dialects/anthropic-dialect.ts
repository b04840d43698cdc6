/** The Anthropic dialect of the fake provider: answers, streams and errors of messages, as in docs.claude.com. */
import { createHash } from 'node:crypto';
import { anthropicVersionOf, readAnthropicRequest } from './anthropic-request.ts';
import type { Ask } from './ask.ts';
import { type Content, wholeText } from './content.ts';
import type { Dialect, StreamEvents } from './dialect.ts';

function plain(ask: Ask, content: Content): string {
  const blocks = content.pieces === 0 ? [] : [block(ask, content, wholeText(content))];
  return JSON.stringify(message(ask, blocks, stopReason(content), usage(ask, content.tokens)));
}

function stream(ask: Ask, content: Content): StreamEvents {
  const tool = content.kind === 'tool';
  const silent = content.pieces === 0;
  const deltaOf = (text: string): object =>
    tool ? { type: 'input_json_delta', partial_json: text } : { type: 'text_delta', text };
  const delta = (text: string): string => sseEvent('content_block_delta', { index: 0, delta: deltaOf(text) });
  const blockStart = sseEvent('content_block_start', { index: 0, content_block: block(ask, content, '') });
  const start = sseEvent('message_start', { message: message(ask, [], null, usage(ask, 1)) });
  // The start of a tool call holds the tool's name, which is content, so it is sent with the first piece.
  const opening = `${start}${tool || silent ? '' : blockStart}${sseEvent('ping', {})}`;
  const blockStop = silent ? '' : sseEvent('content_block_stop', { index: 0 });
  const end = { delta: { stop_reason: stopReason(content), stop_sequence: null }, usage: usage(ask, content.tokens) };
  return {
    opening: Buffer.from(opening),
    pieces: content.pieces,
    piece: (index) => Buffer.from(`${tool && index === 0 ? blockStart + delta('') : ''}${delta(content.piece(index))}`),
    closing: Buffer.from(`${blockStop}${sseEvent('message_delta', end)}${sseEvent('message_stop', {})}`),
  };
}

function message(ask: Ask, content: readonly object[], stopReason: string | null, usage: object): object {
  const id = `msg_${hashOf(ask)}`;
  const whole = { id, type: 'message', role: 'assistant', model: ask.model, content };
  return { ...whole, stop_reason: stopReason, stop_sequence: null, usage };
}

function block(ask: Ask, content: Content, text: string): object {
  if (content.kind === 'text') return { type: 'text', text };
  const input: unknown = text === '' ? {} : JSON.parse(text);
  return { type: 'tool_use', id: `toolu_${hashOf(ask)}`, name: ask.tool?.name, input };
}

function usage(ask: Ask, outputTokens: number): object {
  const cache = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  return { input_tokens: ask.promptTokens, ...cache, output_tokens: outputTokens, service_tier: 'standard' };
}

function stopReason(content: Content): string {
  if (content.kind === 'tool') return 'tool_use';
  return content.truncated ? 'max_tokens' : 'end_turn';
}

function hashOf(ask: Ask): string {
  return createHash('sha1').update(`${ask.model}\n${ask.prompt}`).digest('hex').slice(0, 24);
}

function sseEvent(type: string, rest: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
}

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

export const anthropicDialect: Dialect = {
  name: 'anthropic',
  paths: ['/v1/messages'],
  idHeader: 'request-id',
  maxBodyBytes: 32 * 1024 * 1024,
  versionOf: anthropicVersionOf,
  read: readAnthropicRequest,
  plain,
  stream,
  error,
  errorEvent: Buffer.from(sseEvent('error', { error: { type: 'overloaded_error', message: 'Overloaded' } })),
  errorEventStatus: 529,
  badEvent: Buffer.from('event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n'),
  models: JSON.stringify({
    data: models,
    has_more: false,
    first_id: models.at(0)?.id,
    last_id: models.at(-1)?.id,
  }),
};
