/**
 * Reads the parts that a whole answer and a chunk of a stream have in common: content, finish reason, token counts.
 * Nothing here changes a byte.
 */

import { asCount, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { FinishReason } from '../../wire/chat-completion.ts';
import type { Usage } from '../types.ts';

/** Whether a message or a delta has content: text, reasoning, refusal, tool call, audio or image. */
export function hasContent(message: JsonRecord): boolean {
  return (
    isFilled(message.content) ||
    isFilled(message.reasoning_content) ||
    isFilled(message.reasoning) ||
    isFilled(message.tool_calls) ||
    isFilled(message.refusal) ||
    isFilled(message.function_call) ||
    isFilled(message.audio) ||
    isFilled(message.images)
  );
}

/** Whether a message or a delta holds a part of any kind, one that is not known included: then it is an answer. */
export function hasParts(message: JsonRecord): boolean {
  for (const name in message) if (name !== 'role' && isFilled(message[name])) return true;
  return false;
}

/** Mistral sends content as an array of parts; audio and function calls are objects. */
function isFilled(value: unknown): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
  return typeof value === 'object' && value !== null;
}

/** The finish reason as OpenAI names it; null if there is none. Unknown names of other providers become `stop`. */
export function finishReasonOf(value: unknown): FinishReason | null {
  const reason = asString(value);
  switch (reason) {
    case null:
    case '':
      return null;
    case 'length':
    case 'tool_calls':
    case 'content_filter':
    case 'function_call':
      return reason;
    case 'model_length':
    case 'max_tokens':
      return 'length';
    default:
      return 'stop';
  }
}

/** The token counts of an answer; null if it has none. */
export function usageOf(value: unknown): Usage | null {
  const usage = asRecord(value);
  // Some servers use the names of other dialects here too.
  const given = usage?.prompt_tokens ?? usage?.input_tokens;
  if (usage === null || typeof given !== 'number') return null;
  const input = asCount(given);
  const promptDetails = asRecord(usage.prompt_tokens_details);
  const completionDetails = asRecord(usage.completion_tokens_details);
  return {
    input,
    // xAI and Gemini count reasoning in total_tokens, or beside it, but not in completion_tokens.
    output: Math.max(
      asCount(usage.completion_tokens),
      asCount(usage.output_tokens),
      asCount(usage.total_tokens) - input,
      asCount(completionDetails?.reasoning_tokens),
    ),
    cacheRead: asCount(promptDetails?.cached_tokens),
    cacheWrite: asCount(promptDetails?.cache_write_tokens),
    reasoning: asCount(completionDetails?.reasoning_tokens),
  };
}
