/** Anthropic's messages: answers and streams, as in docs.claude.com; and the number of tokens in a request. */
import { createHash } from 'node:crypto';
import { readMessagesRequest } from './anthropic-messages-request.ts';
import type { Ask } from './ask.ts';
import { type Content, wholeText } from './content.ts';
import type { Api, StreamEvents } from './dialect.ts';

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
  const finish = blockStop + sseEvent('message_delta', end);
  return {
    opening: Buffer.from(opening),
    pieces: content.pieces,
    piece: (index) => Buffer.from(`${tool && index === 0 ? blockStart + delta('') : ''}${delta(content.piece(index))}`),
    finish: Buffer.from(finish),
    closing: Buffer.from(finish + sseEvent('message_stop', {})),
    bad: Buffer.from('event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n'),
    // There is no other way to say it.
    error: () => Buffer.from(sseEvent('error', { error: { type: 'overloaded_error', message: 'Overloaded' } })),
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

export const anthropicMessages: Api = {
  paths: ['/v1/messages'],
  read(body, version) {
    const ask = readMessagesRequest(body, version);
    return { ask, plain: (content) => plain(ask, content), stream: (content) => stream(ask, content) };
  },
};

export const anthropicCountTokens: Api = {
  paths: ['/v1/messages/count_tokens'],
  read(body, version) {
    const ask = readMessagesRequest(body, version, { counts: true });
    return { ask, plain: () => JSON.stringify({ input_tokens: ask.promptTokens }), stream: null };
  },
};
