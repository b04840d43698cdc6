/** Reads errors: those of chat, but for what they say of a model. */
import type { JsonRecord } from '../../shared/json.ts';
import { ofThisApi } from '../api-error.ts';
import { readError as readChatError, readErrorPayload } from '../openai-chat/errors.ts';
import { UnreadableAnswerError, type UpstreamError } from '../upstream-error.ts';

/** Reads the body of an answer with an error status. */
export function readError(status: number, body: Buffer): UpstreamError {
  return ofThisApi(readChatError(status, body));
}

/** Throws `UnreadableAnswerError` for a 200 that says an error. */
export function checkNoError(payload: JsonRecord): void {
  const error = readErrorPayload(payload);
  if (error === null) return;
  throw new UnreadableAnswerError('the answer is an error inside a 200', { error: ofThisApi(error) });
}
