/** Translates what a whole message and a stream have in common: the stop reason and the token counts. */

import { asCount, asRecord, asString } from '../../shared/json.ts';
import type { CompletionUsage, FinishReason } from '../../wire/chat-completion.ts';
import type { Usage } from '../types.ts';

/** OpenAI's finish reason for a stop reason; null if there is none. Unknown reasons become `stop`. */
export function finishReasonOf(stopReason: unknown): FinishReason | null {
  switch (asString(stopReason)) {
    case null:
      return null;
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'tool_use':
      return 'tool_calls';
    case 'refusal':
      return 'content_filter';
    default:
      return 'stop';
  }
}

/**
 * The token counts of a message; null if it has none. Anthropic excludes cached input from `input`, OpenAI includes it.
 */
export function usageOf(value: unknown): Usage | null {
  const usage = asRecord(value);
  if (usage === null) return null;
  const cacheRead = asCount(usage.cache_read_input_tokens);
  const cacheWrite = asCount(usage.cache_creation_input_tokens);
  return {
    input: asCount(usage.input_tokens) + cacheWrite + cacheRead,
    output: asCount(usage.output_tokens),
    cacheRead,
    cacheWrite,
    reasoning: asCount(asRecord(usage.output_tokens_details)?.thinking_tokens),
  };
}

/** Token counts in OpenAI's fields; all 0 if the provider sent none. */
export function completionUsage(usage: Usage | null): CompletionUsage {
  const { input, output, cacheRead, reasoning } = usage ?? { input: 0, output: 0, cacheRead: 0, reasoning: 0 };
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cacheRead },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}
