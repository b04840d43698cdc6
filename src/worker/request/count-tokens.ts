/** Counts what is known of an answer: tokens, what its provider left out of the request, what its client cannot be told. */
import type { AnswerFacts } from '../../dialects/answer-facts.ts';
import type { Usage } from '../../dialects/hub.ts';
import type { DroppedReasoning } from '../../shared/events.ts';
import { costOf } from '../policies/cost.ts';
import { consumptionOf } from '../policies/token-counts.ts';
import type { ActiveRequest } from './active-request.ts';

/** Counts what is told with an answer, or lost of it. */
export function countFacts(request: ActiveRequest, { usage, reasoningDropped = [], lost = [] }: AnswerFacts): void {
  const { history, plane } = request;
  countTokens(request, usage);
  for (const reason of reasoningDropped) countDroppedReasoning(request, reason);
  for (const loss of lost) plane.outbox.push({ type: 'answer-lost', provider: history.provider, loss });
}

/** Counts them and what they cost, for metrics and the log line; nothing where the provider reported none. */
export function countTokens(request: ActiveRequest, usage: Usage | null): void {
  const consumption = consumptionOf(usage);
  if (consumption === null) return;
  const { table } = request.quote;
  request.counted(consumption.counts);
  request.plane.outbox.push({
    type: 'tokens',
    provider: request.history.provider,
    model: request.modelLabel(),
    key: 'default',
    nanoUsd: table === null ? null : costOf(table, consumption, request.plane.clock.wallMs()),
    ...consumption,
  });
}

/** Counts blocks of reasoning that were left out of a request: by its provider, as it said, or for it. */
export function countDroppedReasoning({ history, plane }: ActiveRequest, reason: DroppedReasoning, blocks = 1): void {
  plane.outbox.push({ type: 'reasoning-dropped', provider: history.provider, reason, blocks });
}
