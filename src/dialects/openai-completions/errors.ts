/** Reads errors: those of chat, but for what they say of a model. */
import { ofThisApi } from '../api-error.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';

export { readError } from '../pass-through/errors.ts';

/** Runs `read`; the error of an `UnreadableAnswerError` that it throws is one of this API. */
export function withOwnErrors<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof UnreadableAnswerError) || thrown.error === null) throw thrown;
    throw new UnreadableAnswerError(thrown.message, { error: ofThisApi(thrown.error), usage: thrown.usage });
  }
}
