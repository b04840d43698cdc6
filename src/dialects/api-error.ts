/**
 * An error of an API beside chats. A model that is not there, as its provider says, may be there for chats: what a client
 * asks of the wrong API must not take the target from those who ask the right one, neither by a cooldown nor by a circuit.
 */
import type { UpstreamError } from './upstream-error.ts';

/** Searched under a 403 and a 5xx alone: under another 4xx the request is at fault, whatever it names. */
const apiText =
  /\b(?:(?:does|do|is|are) not|doesn't|isn't|cannot) (?:support(?:ed)?|allowed|generate)\b.{0,60}\b(?:embed(?:dings?)?|completions?|moderations?|images?|transcri\w+|translations?|speech|audio|rerank\w*|endpoint|api)\b|^you are not allowed to generate embeddings\b/i;

/** How much of a text is searched. */
const SEARCHED_CHARACTERS = 300;

/** The error, about this API with this model if that is what it may mean. */
export function ofThisApi(error: UpstreamError): UpstreamError {
  return isAboutApi(error) ? { ...error, subject: 'endpoint' } : error;
}

function isAboutApi({ status, subject, type, message }: UpstreamError): boolean {
  if (subject === 'model') return true;
  if (subject !== null) return false;
  // llama.cpp without `--embeddings`.
  if (status === 501 || type === 'not_supported_error') return true;
  const mayBe = status === null || status === 403 || status >= 500;
  return mayBe && apiText.test(message.slice(0, SEARCHED_CHARACTERS));
}
