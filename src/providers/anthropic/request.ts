/**
 * OpenAI's chat completion request as a request of Anthropic's Messages API. Mapping after Anthropic's own OpenAI
 * layer (platform.claude.com/docs/en/api/openai-sdk), but what that ignores is named to the client.
 */
import type { MessagesRequest } from '../../wire/messages.ts';
import type { TranslationInput, UpstreamRequest } from '../types.ts';
import { makeConversation } from './conversation.ts';
import { makeParams } from './params.ts';
import { toolFields } from './tools.ts';

/** Later versions refuse sampling parameters at any value, which OpenAI clients send as a matter of course. */
const VERSION = '2023-06-01';

/** Makes the POST. Throws `GatewayError` (400) for what cannot be said in this dialect and must not be dropped. */
export function makeRequest(input: TranslationInput, apiKey: string): UpstreamRequest {
  const { model } = input;
  const body = input.whole();
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
    body: Buffer.from(JSON.stringify(payload)),
    droppedParams: params.dropped,
  };
}
