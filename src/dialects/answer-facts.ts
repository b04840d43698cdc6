/**
 * What is known of an answer in every dialect, and the one rule that tells from it whether the answer is empty.
 *
 * Many answers without content are meant: a stop sequence at the first token, a turn that ends after a tool result, a
 * refused prompt, an answer that is all reasoning. Asking again costs money and changes nothing. Only an answer that
 * nothing explains is empty, and one whose content was a call in a wrong form: another model may write it right.
 */
import type { AnswerLoss, DroppedReasoning } from '../shared/events.ts';
import type { Usage } from './hub.ts';

export interface AnswerFacts {
  /** Whether there is a part of any kind: text, reasoning, refusal, tool call, media, annotation, or one not known. */
  readonly hasParts: boolean;
  /** The finish reason in the provider's own words; null while there is none. */
  readonly reason: string | null;
  /** Tokens as far as the provider has counted them; null without counts. */
  readonly usage: Usage | null;
  /** For each block of reasoning that the provider left out of the request, why. Default: none. */
  readonly reasoningDropped?: readonly DroppedReasoning[];
  /** What of it the client's dialect cannot say, each kind once. Default: nothing. */
  readonly lost?: readonly AnswerLoss[];
}

/**
 * What the model has made was thrown away by its provider: `MALFORMED_FUNCTION_CALL` of Gemini, also behind
 * `function_call_filter:` of its compatible API, `malformed_tool_use` of Bedrock.
 */
const malformed = /\bmalformed_|\bunexpected_tool_call\b/i;

/**
 * Whether nothing explains why there is no content. `stop` alone explains nothing: it is what a broken server says, too;
 * every other reason does, known or not.
 *
 * @param hasStopSequences the client named some, one of which may have been met at once
 */
export function isEmpty({ hasParts, reason, usage }: AnswerFacts, hasStopSequences: boolean): boolean {
  if (hasParts) return false;
  if (reason !== null && malformed.test(reason)) return true;
  if ((usage?.output ?? 0) > 0) return false;
  if (reason === null || reason === '') return true;
  return reason.toLowerCase() === 'stop' && !hasStopSequences;
}
