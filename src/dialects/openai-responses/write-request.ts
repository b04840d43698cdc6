/**
 * Writes a request for a response, for a client of another dialect. Such a client keeps the conversation itself: nothing is
 * stored, and what the model thought comes encrypted, so that it can be sent back.
 */
import type { ResponsesRequest } from '../../wire/responses-request.ts';
import type { HubRequest } from '../hub.ts';
import { cacheMarksIn } from '../openai-models.ts';
import { prefillsIn } from '../prefill.ts';
import { unsupported } from '../refusal.ts';
import type { RequestTarget, WrittenRequest } from '../types.ts';
import { writeInput } from './write-input.ts';
import { writeTools } from './write-tools.ts';
import { writeWishes } from './write-wishes.ts';

/** OpenAI refuses a lower limit. */
const LEAST_TOKENS = 16;

/** Throws `GatewayError` (400) if this dialect cannot express something that must not be left out. */
export function writeRequest(request: HubRequest, { model }: RequestTarget): WrittenRequest {
  const { maxTokens, temperature, topP, stopSequences, stopsAt = 'stop_sequences' } = request;
  // Without them the answer would go on where it must not.
  if (stopSequences.length > 0) {
    throw unsupported(stopsAt, 'is not supported by this provider: its API has no stop sequences');
  }
  const { instructions, input, dropped } = writeInput(request.messages);
  const wishes = writeWishes(request, model);
  const payload: ResponsesRequest = {
    ...wishes.fields,
    model,
    ...(instructions === null ? {} : { instructions }),
    input,
    ...writeTools(request),
    ...(maxTokens === null ? {} : { max_output_tokens: Math.max(maxTokens, LEAST_TOKENS) }),
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { top_p: topP }),
    store: false,
    ...(request.stream ? { stream: true } : {}),
  };
  const raised = maxTokens !== null && maxTokens < LEAST_TOKENS ? ['max_tokens'] : [];
  const left = [...dropped, ...raised, ...cacheMarksIn(request), ...prefillsIn(request.messages)];
  return { payload, dropped: [...wishes.dropped, ...left] };
}
