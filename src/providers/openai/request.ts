/**
 * Makes a request for OpenAI or a compatible provider. The client's bytes are forwarded unchanged, except that the
 * model's name is replaced if the provider uses another name.
 */
import { edited, setString } from '../../wire/json-edit.ts';
import type { TranslationInput, UpstreamRequest } from '../types.ts';

/** Makes the POST. It drops no parameter and refuses nothing. */
export function makeRequest(input: TranslationInput, apiKey: string): UpstreamRequest {
  const { outline, bytes, modelAt, model } = input;
  return {
    path: '/chat/completions',
    headers: {
      'content-type': 'application/json',
      accept: outline.stream === true ? 'text/event-stream' : 'application/json',
      ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body: edited(bytes, [setString(modelAt, model)]),
    droppedParams: [],
  };
}
