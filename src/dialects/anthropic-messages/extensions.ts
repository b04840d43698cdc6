/** What of a request for a message the neutral form does not have. */
import { RequestExtensions } from '../request-extensions.ts';
import { MESSAGES } from './facts.ts';

/** Values that only repeat the default of a field, besides null, as JSON. */
const defaults: ReadonlyMap<string, readonly string[]> = new Map([
  ['context_management', ['{}', '{"edits":[]}']],
  ['diagnostics', ['{}', '{"previous_message_id":null}']],
  ['document.citations', ['{}', '{"enabled":false}']],
  ['mcp_servers', ['[]']],
  ['speed', ['"standard"']],
  ['tool_use.caller', ['{"type":"direct"}']],
  ['tools.allowed_callers', ['["direct"]', '[]']],
  ['tools.defer_loading', ['false']],
  ['tools.eager_input_streaming', ['false']],
  ['tools.input_examples', ['[]']],
]);

/** Of one request. */
export class Extensions extends RequestExtensions {
  constructor() {
    super(MESSAGES, defaults);
  }
}
