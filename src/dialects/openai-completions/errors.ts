/** Reads errors: those of chat, but for what they say of a model. */
import { ofThisApi } from '../api-error.ts';
import { readError as readChatError } from '../openai-chat/errors.ts';
import { UnreadableAnswerError, type UpstreamError } from '../upstream-error.ts';

/** Reads the body of an answer with an error status. */
export function readError(status: number, body: Buffer): UpstreamError {
  return ofThisApi(readChatError(status, body));
}

/** Runs `read`; the error of an `UnreadableAnswerError` that it throws is one of this API. */
export function withOwnErrors<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof UnreadableAnswerError) || thrown.error === null) throw thrown;
    throw new UnreadableAnswerError(thrown.message, { error: ofThisApi(thrown.error) });
  }
}
