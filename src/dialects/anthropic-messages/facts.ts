/** Reads what a whole message and a stream have in common: the stop reason and the token counts. */

import { asCount, asRecord, asString } from '../../shared/json.ts';
import type { Finish, FinishReason, Usage } from '../hub.ts';

export { MESSAGES } from '../families.ts';

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'context-length'],
  ['tool_use', 'calls'],
  ['refusal', 'filtered'],
  ['pause_turn', 'pause'],
]);

/** Why a message ended; null if it does not say. */
export function finishOf(stopReason: unknown, stopSequence: unknown): Finish | null {
  const raw = asString(stopReason) ?? '';
  // Compatible servers may say it before the end as an empty text, as in the chat dialect.
  if (raw === '') return null;
  return { reason: reasons.get(raw) ?? 'other', raw, stopSequence: asString(stopSequence) };
}

/**
 * The token counts of a message; null if it has none. Anthropic excludes cached input from `input`, others include it.
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
