/** OpenAI's chat completions: answers and streams, as in the `openai/openai-openapi` description. */
import type { Ask } from './ask.ts';
import { type Content, wholeText } from './content.ts';
import type { Api, StreamEvents } from './dialect.ts';
import { readChatRequest } from './openai-chat-request.ts';
import { created, hashOf, streamError } from './openai-facts.ts';

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
  const finish = delta({}, finishReason(content)) + last;
  return {
    opening: Buffer.from(delta({ role: 'assistant', content: tool ? null : '', refusal: null })),
    pieces: content.pieces,
    piece(index) {
      const text = content.piece(index);
      if (!tool) return Buffer.from(delta({ content: text }));
      const head = index === 0 ? callDelta(toolCall(ask, '')) : '';
      return Buffer.from(head + callDelta({ function: { arguments: text } }));
    },
    finish: Buffer.from(finish),
    closing: Buffer.from(finish + sseEvent('[DONE]')),
    bad: Buffer.from(sseEvent('{"id":"chatcmpl-broken","choices":[{"del')),
    error(_sent, how) {
      if (how === 'event') return Buffer.from(sseEvent(JSON.stringify(streamError)));
      // As OpenRouter ends a stream that has failed.
      return Buffer.from(chunk([{ index: 0, delta: {}, finish_reason: 'error' }], streamError) + sseEvent('[DONE]'));
    },
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
  return `chatcmpl-${hashOf(ask)}`;
}

function sseEvent(data: string): string {
  return `data: ${data}\n\n`;
}

export const openaiChat: Api = {
  paths: ['/v1/chat/completions', '/chat/completions'],
  read(body) {
    const ask = readChatRequest(body);
    return { ask, plain: (content) => plain(ask, content), stream: (content) => stream(ask, content) };
  },
};
