/**
 * Writes a chat completion request for a client of another dialect. It is written so that OpenAI and the servers that
 * are compatible with it all read it: where they differ, the form that all of them know.
 */
import type { ChatRequest } from '../../wire/chat-request.ts';
import type { HubRequest } from '../hub.ts';
import { cacheMarksIn, isOfOpenai } from '../openai-models.ts';
import { prefillsIn } from '../prefill.ts';
import { unsupported } from '../refusal.ts';
import type { RequestTarget, WrittenRequest } from '../types.ts';
import { CHAT } from './facts.ts';
import { withProof } from './gemini-proof.ts';
import { withTakenIds } from './mistral-ids.ts';
import { writeMessages } from './write-messages.ts';
import { writeTools } from './write-tools.ts';
import { writeWishes } from './write-wishes.ts';

/** OpenAI refuses more. */
const MOST_STOP_SEQUENCES = 4;

/** Throws `GatewayError` (400) if this dialect cannot express something that must not be left out. */
export function writeRequest(request: HubRequest, { model, askUsage = false }: RequestTarget): WrittenRequest {
  const { messages, dropped } = writeMessages(request.messages);
  const wishes = writeWishes(request, model);
  const payload: ChatRequest = {
    ...wishes.fields,
    model,
    messages: withTakenIds(withProof(messages, model), model),
    ...writeTools(
      request,
      request.extensions.filter(({ of }) => of === CHAT),
    ),
    ...writeLimit(request.maxTokens, model),
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(request.topP === null ? {} : { top_p: request.topP }),
    ...writeStops(request.stopSequences),
    ...(request.stream ? { stream: true } : {}),
    // Not all servers know it, and it is no wish of the client's own: the client's writer does without it.
    ...(request.stream && askUsage ? { stream_options: { include_usage: true } } : {}),
  };
  const left = [...dropped, ...cacheMarksIn(request), ...prefillsIn(request.messages)];
  return { payload, dropped: [...wishes.dropped, ...left] };
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

/** Without some of them the answer would go on where it must not. */
function writeStops(stop: readonly string[]): Pick<ChatRequest, 'stop'> {
  if (stop.length > MOST_STOP_SEQUENCES) {
    throw unsupported('stop_sequences', `should be at most ${MOST_STOP_SEQUENCES} for this provider`);
  }
  return stop.length === 0 ? {} : { stop };
}
