/** Writes a request of Bedrock's Converse. Model and streaming are said by its path. */
import type { ConverseRequest } from '../../wire/converse.ts';
import { refusesPrefill } from '../anthropic-messages/claude-models.ts';
import type { HubRequest } from '../hub.ts';
import { prefillIn, prefillsIn } from '../prefill.ts';
import { unsupported } from '../refusal.ts';
import type { RequestTarget, WrittenRequest } from '../types.ts';
import { isClaude } from './models.ts';
import { writeMessages } from './write-messages.ts';
import { writeParams } from './write-params.ts';
import { writeTools } from './write-tools.ts';

/** Throws `GatewayError` (400) if this dialect cannot express something that must not be left out. */
export function writeRequest(request: HubRequest, { model, maxTokens }: RequestTarget): WrittenRequest {
  const begun = refusesPrefill(model) ? prefillIn(request.messages) : null;
  if (begun !== null) {
    throw unsupported(begun, 'should end with a user message for this model: it does not go on with a begun answer');
  }
  const written = writeMessages(request.messages, model, request.wishes.cache?.value ?? null);
  const tools = writeTools(request, model);
  const turns = written.fields.messages;
  const params = writeParams(request, { model, maxTokens, turns, additional: tools.own });
  const payload: ConverseRequest = { ...written.fields, ...params.fields, ...tools.fields };
  // Whether another maker's model goes on with one, or answers to it, is not known.
  const prefills = isClaude(model) ? [] : prefillsIn(request.messages);
  return { payload, dropped: [...params.dropped, ...tools.dropped, ...written.dropped, ...prefills] };
}
