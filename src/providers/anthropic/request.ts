/**
 * Translates OpenAI's chat completion request to a request of Anthropic's Messages API. The mapping follows Anthropic's
 * own OpenAI layer (platform.claude.com/docs/en/api/openai-sdk), but the names of parameters that it ignores are sent
 * back to the client.
 */
import type { MessagesRequest } from '../../wire/messages.ts';
import type { TranslationInput, UpstreamRequest } from '../types.ts';
import { makeConversation } from './conversation.ts';
import { makeParams } from './params.ts';
import { toolFields } from './tools.ts';

/** Later versions refuse sampling parameters with any value, but OpenAI clients usually send them. */
const VERSION = '2023-06-01';

/** Makes the POST. Throws `GatewayError` (400) if this dialect cannot express something that must not be dropped. */
export function makeRequest(input: TranslationInput, apiKey: string): UpstreamRequest {
  const { model } = input;
  const { tree: body, encode } = input.whole();
  const params = makeParams(body, model, input.maxTokens);
  const { system, turns } = makeConversation(body.messages);
  const payload: MessagesRequest = {
    model,
    ...params.fields,
    ...(system === null ? {} : { system }),
    messages: turns,
    ...toolFields(body),
    ...(body.stream === true ? { stream: true } : {}),
  };
  return {
    path: '/v1/messages',
    headers: {
      'content-type': 'application/json',
      accept: body.stream === true ? 'text/event-stream' : 'application/json',
      'anthropic-version': VERSION,
      ...(apiKey === '' ? {} : { 'x-api-key': apiKey }),
    },
    body: encode(payload),
    droppedParams: params.dropped,
  };
}
