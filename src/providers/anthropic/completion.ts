/** What a whole message and a stream of one have in common on their way to a chat completion: why it ended, its cost. */

import { asCount, asRecord, asString } from '../../shared/json.ts';
import type { CompletionUsage, FinishReason } from '../../wire/chat-completion.ts';
import type { Usage } from '../types.ts';

/** OpenAI's word for a stop reason; null while there is none. Reasons that are not known yet mean `stop`. */
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

/** The tokens of a message; null where it does not say. Anthropic counts cached input apart, OpenAI within. */
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

/** The same in OpenAI's fields, all 0 where the provider did not say. */
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
