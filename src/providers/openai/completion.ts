/**
 * What a whole answer and a stream's chunk have in common when they are only looked at: which parts count as content,
 * what a finish reason means, how tokens are counted. Nothing here changes a byte.
 */

import { asCount, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { FinishReason } from '../../wire/chat-completion.ts';
import type { Usage } from '../types.ts';

/** Whether a message or a delta holds something worth committing to: text, reasoning, refusal, tool call, audio, image. */
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

/** The finish reason in OpenAI's words; null while there is none. Words of others that are not known mean `stop`. */
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

/** The tokens of an answer; null where it does not say. */
export function usageOf(value: unknown): Usage | null {
  const usage = asRecord(value);
  if (usage === null || typeof usage.prompt_tokens !== 'number') return null;
  const input = asCount(usage.prompt_tokens);
  const promptDetails = asRecord(usage.prompt_tokens_details);
  const completionDetails = asRecord(usage.completion_tokens_details);
  return {
    input,
    // xAI and Gemini leave reasoning out of completion_tokens, but not out of the total.
    output: Math.max(asCount(usage.completion_tokens), asCount(usage.total_tokens) - input),
    cacheRead: asCount(promptDetails?.cached_tokens),
    cacheWrite: asCount(promptDetails?.cache_write_tokens),
    reasoning: asCount(completionDetails?.reasoning_tokens),
  };
}
