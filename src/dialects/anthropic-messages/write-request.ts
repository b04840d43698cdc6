/**
 * Writes a request of Anthropic's Messages API. The mapping follows Anthropic's own OpenAI layer
 * (platform.claude.com/docs/en/api/openai-sdk), but the names of parameters that it ignores are sent back to the client.
 */
import type { MessagesRequest } from '../../wire/messages.ts';
import type { HubRequest } from '../hub.ts';
import { prefillIn } from '../prefill.ts';
import { unsupported } from '../refusal.ts';
import type { RequestTarget, WrittenRequest } from '../types.ts';
import { refusesPrefill } from './claude-models.ts';
import { writeMessages } from './write-messages.ts';
import { writeParams } from './write-params.ts';
import { writeTools } from './write-tools.ts';

/** Throws `GatewayError` (400) if this dialect cannot express something that must not be left out. */
export function writeRequest(request: HubRequest, { model, maxTokens }: RequestTarget): WrittenRequest {
  checkPrefill(request.messages, model);
  const { system, turns, dropped } = writeMessages(request.messages);
  const params = writeParams(request, { model, maxTokens, turns });
  const tools = writeTools(request, model);
  const payload: MessagesRequest = {
    model,
    ...params.fields,
    ...(system === null ? {} : { system }),
    messages: turns,
    ...tools.fields,
    ...(request.stream ? { stream: true } : {}),
  };
  return { payload, dropped: [...params.dropped, ...tools.dropped, ...dropped] };
}

function checkPrefill(messages: HubRequest['messages'], model: string): void {
  const begun = refusesPrefill(model) ? prefillIn(messages) : null;
  if (begun === null) return;
  throw unsupported(begun, 'should end with a user message for this model: it does not go on with a begun answer');
}
