/** What of a chat completion request the neutral form does not have. */
import { RequestExtensions } from '../request-extensions.ts';
import { CHAT } from './facts.ts';

/** Values that only repeat the default of a field, besides null, as JSON. */
const defaults: ReadonlyMap<string, readonly string[]> = new Map([
  ['frequency_penalty', ['0']],
  ['image_url.detail', ['"auto"', '""']],
  ['logit_bias', ['{}']],
  ['logprobs', ['false']],
  ['messages.annotations', ['[]']],
  ['messages.reasoning', ['""']],
  ['messages.reasoning_content', ['""']],
  ['metadata', ['{}']],
  ['modalities', ['["text"]', '[]']],
  ['presence_penalty', ['0']],
  ['prompt_cache_options', ['{}']],
  ['reasoning_effort', ['""']],
  ['safety_identifier', ['""']],
  ['service_tier', ['"auto"', '""']],
  ['store', ['false']],
  ['top_logprobs', ['0']],
  ['user', ['""']],
  ['verbosity', ['"medium"', '""']],
]);

/** Of one request. */
export class Extensions extends RequestExtensions {
  constructor() {
    super(CHAT, defaults);
  }
}
