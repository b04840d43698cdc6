/** What of a request for a response the neutral form does not have. */
import { RequestExtensions } from '../request-extensions.ts';
import { RESPONSES } from './facts.ts';

/** Values that only repeat the default of a field, besides null, as JSON. */
const defaults: ReadonlyMap<string, readonly string[]> = new Map([
  ['background', ['false']],
  ['context_management', ['[]']],
  ['function_call.async', ['false']],
  ['include', ['[]']],
  ['output_text.annotations', ['[]']],
  ['prompt_cache_options', ['{}']],
  ['store', ['false']],
  ['tools.allowed_callers', ['["direct"]', '[]']],
  ['tools.async', ['false']],
  ['tools.defer_loading', ['false']],
]);

/** Of one request. */
export class Extensions extends RequestExtensions {
  constructor() {
    super(RESPONSES, defaults);
  }
}
