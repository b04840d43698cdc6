/**
 * A request for OpenAI and for everything that speaks like it below its own base URL. The client's bytes go on as they
 * came; where the provider knows the model under another name, only that name is replaced in them.
 */
import { spliceTopLevelString } from '../../wire/json-splice.ts';
import type { TranslationInput, UpstreamRequest } from '../types.ts';

/** Makes the POST; nothing is dropped and nothing refused. */
export function makeRequest(input: TranslationInput, apiKey: string): UpstreamRequest {
  const { outline, bytes, model } = input;
  return {
    path: '/chat/completions',
    headers: {
      'content-type': 'application/json',
      accept: outline.stream === true ? 'text/event-stream' : 'application/json',
      ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body: spliceTopLevelString(bytes, 'model', model),
    droppedParams: [],
  };
}
