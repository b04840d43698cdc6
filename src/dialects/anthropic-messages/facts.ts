/** Reads what a whole message and a stream have in common: the stop reason and the token counts. */

import { asArray, asCount, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { Finish, FinishReason, Usage } from '../hub.ts';
import { tierOf, toolUsesIn, usageWith, writtenForAnHour } from '../usage-kinds.ts';

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
 * What a message used; null if it says nothing of that. Anthropic excludes cached input from `input_tokens`, the neutral
 * form includes it. What it took to compact the conversation is beside the counts, and is billed too; what a model beside
 * this one took (an advisor) has another price, and is left out.
 */
export function usageOf(value: unknown): Usage | null {
  const usage = asRecord(value);
  if (usage === null) return null;
  const compacting = asArray(usage.iterations).flatMap((each) => {
    const iteration = asRecord(each);
    return iteration?.type === 'compaction' ? [iteration] : [];
  });
  const rounds = [usage, ...compacting];
  const sumOf = (count: (round: JsonRecord) => unknown) =>
    rounds.reduce((sum, round) => sum + asCount(count(round)), 0);
  const cacheRead = sumOf((round) => round.cache_read_input_tokens);
  const cacheWrite = sumOf((round) => round.cache_creation_input_tokens);
  return usageWith(
    {
      input: sumOf((round) => round.input_tokens) + cacheWrite + cacheRead,
      output: sumOf((round) => round.output_tokens),
      cacheRead,
      cacheWrite,
      reasoning: asCount(asRecord(usage.output_tokens_details)?.thinking_tokens),
    },
    { cacheWrite1h: sumOf((round) => writtenForAnHour(asRecord(round.cache_creation))) },
    {
      serverTools: toolUsesIn(asRecord(usage.server_tool_use)),
      tier: tierOf(usage.service_tier),
      speed: usage.speed === 'fast' ? 'fast' : undefined,
      geo: usage.inference_geo === 'us' ? 'us' : undefined,
    },
  );
}
