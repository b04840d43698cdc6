/**
 * When an answer without content is an answer all the same: one rule for whole answers and streams of all dialects.
 *
 * Many such answers are meant: a stop sequence at the first token, a turn that ends after a tool result, a refused
 * prompt, an answer that is all reasoning. Asking again costs money and changes nothing. Only an answer that nothing
 * explains is empty.
 */

interface AnswerFacts {
  /** Whether there is a part of any kind: text, reasoning, refusal, tool call, media, annotation, or one not known. */
  readonly hasParts: boolean;
  /** The finish reason in the provider's own words; null while there is none. */
  readonly reason: string | null;
  /** Output tokens as the provider counted them; 0 where it did not say. */
  readonly outputTokens: number;
  /** Whether the client named stop sequences, one of which may have been met at once. */
  readonly hasStopSequences: boolean;
}

/**
 * Whether nothing explains why there is no content. `stop` alone explains nothing: it is what a broken server says, too;
 * every other reason does, known or not.
 */
export function isEmpty({ hasParts, reason, outputTokens, hasStopSequences }: AnswerFacts): boolean {
  if (hasParts || outputTokens > 0) return false;
  if (reason === null || reason === '') return true;
  return reason === 'stop' && !hasStopSequences;
}
