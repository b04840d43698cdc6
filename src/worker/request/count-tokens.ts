/** Counts what is known of an answer: tokens, what its provider left out of the request, what its client cannot be told. */
import type { AnswerFacts } from '../../dialects/answer-facts.ts';
import type { Usage } from '../../dialects/hub.ts';
import { type DroppedReasoning, type TokenCounts, tokenTypes } from '../../shared/events.ts';
import type { ActiveRequest } from './active-request.ts';

/** Counts what is told with an answer, or lost of it. */
export function countFacts(request: ActiveRequest, { usage, reasoningDropped = [], lost = [] }: AnswerFacts): void {
  const { history, plane } = request;
  countTokens(request, usage);
  for (const reason of reasoningDropped) countDroppedReasoning(request, reason);
  for (const loss of lost) plane.outbox.push({ type: 'answer-lost', provider: history.provider, loss });
}

/** Counts them for metrics and the log line; nothing where the provider reported none. */
export function countTokens(request: ActiveRequest, usage: Usage | null): void {
  const counts = usage === null ? null : tokenCounts(usage);
  if (counts === null) return;
  request.counted(counts);
  request.plane.outbox.push({
    type: 'tokens',
    provider: request.history.provider,
    model: request.modelLabel(),
    key: 'default',
    nanoUsd: null,
    counts,
  });
}

/** Counts blocks of reasoning that were left out of a request: by its provider, as it said, or for it. */
export function countDroppedReasoning({ history, plane }: ActiveRequest, reason: DroppedReasoning, blocks = 1): void {
  plane.outbox.push({ type: 'reasoning-dropped', provider: history.provider, reason, blocks });
}

/** Null where there is nothing to count. A provider's numbers may be anything: what is no count is left out. */
function tokenCounts(usage: Usage): TokenCounts | null {
  const reported = {
    input: usage.input,
    output: usage.output,
    cache_read: usage.cacheRead,
    cache_write: usage.cacheWrite,
    reasoning: usage.reasoning,
  };
  const counts: Partial<typeof reported> = {};
  for (const kind of tokenTypes) {
    const count = reported[kind];
    if (Number.isSafeInteger(count) && count > 0) counts[kind] = count;
  }
  return Object.keys(counts).length === 0 ? null : counts;
}
