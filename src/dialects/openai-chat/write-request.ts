/**
 * Writes a chat completion request for a client of another dialect. It is written so that OpenAI and the servers that
 * are compatible with it all read it: where they differ, the form that all of them know.
 */
import type { ChatRequest } from '../../wire/chat-request.ts';
import type { Extension, HubRequest, Message } from '../hub.ts';
import { unsupported } from '../refusal.ts';
import type { RequestTarget, WrittenRequest } from '../types.ts';
import { CHAT } from './facts.ts';
import { writeMessages } from './write-messages.ts';
import { writeTools } from './write-tools.ts';

/** OpenAI refuses more. */
const MOST_STOP_SEQUENCES = 4;

/** Throws `GatewayError` (400) if this dialect cannot express something that must not be left out. */
export function writeRequest(request: HubRequest, { model, askUsage = false }: RequestTarget): WrittenRequest {
  const own = request.extensions.filter(({ of }) => of === CHAT);
  const fields = own.filter(isParameter);
  const { messages, dropped } = writeMessages(request.messages);
  const payload: ChatRequest = {
    ...Object.fromEntries(fields.map(({ name, value }) => [name, value])),
    model,
    messages,
    ...writeTools(request, own),
    ...writeLimit(request.maxTokens, model),
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(request.topP === null ? {} : { top_p: request.topP }),
    ...writeStops(request.stopSequences),
    ...(request.stream ? { stream: true } : {}),
    // The client's own writer knows whether to show them.
    ...(request.stream && (askUsage || request.wantsUsage) ? { stream_options: { include_usage: true } } : {}),
  };
  const isMarked = request.tools.some(({ cache }) => cache !== null) || request.messages.some(bearsMark);
  return { payload, dropped: isMarked ? [...dropped, 'cache_control'] : dropped };
}

/** Whether a block of it, or of a tool's result in it, is marked for the cache. Servers here cache by themselves. */
function bearsMark({ blocks }: Pick<Message, 'blocks'>): boolean {
  return blocks.some(
    ({ cache, head }) => cache !== null || (head.type === 'result' && bearsMark({ blocks: head.content })),
  );
}

/** Whether it is a field of the request; the others have the name of a place or a part: `tools[0]`, `messages.name`. */
function isParameter({ name }: Extension): boolean {
  return !/[.[]/.test(name);
}

/**
 * OpenAI's newer models refuse `max_tokens`. Of the others' servers all know it, but some refuse `max_completion_tokens`
 * (Mistral), and some read over it (Ollama, LM Studio): then the answer has no limit.
 */
function writeLimit(
  maxTokens: number | null,
  model: string,
): Pick<ChatRequest, 'max_tokens' | 'max_completion_tokens'> {
  if (maxTokens === null) return {};
  return isOfOpenai.test(model) ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens };
}

/** Matches `gpt-4o`, `openai/gpt-5`, `global.openai.gpt-6-sol`, `o3-mini`, but not `gpt-oss`, which others serve. */
const isOfOpenai = /(?:^|[^a-z])(?:chat)?gpt-?\d|(?:^|[/.:])(?:o\d|chatgpt-|codex-)/i;

/** Without some of them the answer would go on where it must not. */
function writeStops(stop: readonly string[]): Pick<ChatRequest, 'stop'> {
  if (stop.length > MOST_STOP_SEQUENCES) {
    throw unsupported('stop_sequences', `should be at most ${MOST_STOP_SEQUENCES} for this provider`);
  }
  return stop.length === 0 ? {} : { stop };
}
