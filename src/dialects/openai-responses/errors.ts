/**
 * Reads errors of the Responses API. An error answer is that of all of OpenAI's routes; inside a 200 it is the `error` of
 * a failed response, or an event of its own.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { bare, readErrorPayload } from '../openai-chat/errors.ts';
import type { UpstreamError } from '../upstream-error.ts';

export { readError } from '../openai-chat/errors.ts';

/** The error that a response holds, or that stands in place of one; null if there is none. */
export function errorIn(response: JsonRecord): UpstreamError | null {
  const error = readErrorPayload(response);
  if (error !== null || response.status !== 'failed') return error;
  return bare(null, 'the response failed, and does not say why');
}

/** The error that an event of a stream is; null if it is none. @param type of the event */
export function errorOf(type: string, event: JsonRecord): UpstreamError | null {
  if (type === 'response.failed') return errorIn({ status: 'failed', ...asRecord(event.response) });
  // Others' servers send a bare envelope.
  if (type !== 'error' && (type.startsWith('response.') || asRecord(event.error) === null)) return null;
  const error = readErrorPayload({ ...event, type: 'error' });
  return error ?? bare(null, asString(event.message) ?? 'the provider reported an error');
}
