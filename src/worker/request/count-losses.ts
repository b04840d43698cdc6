/** Counts what is told with an answer besides its tokens: what its provider left out of the request, what its client cannot be told. */
import type { AnswerFacts } from '../../dialects/answer-facts.ts';
import type { DroppedReasoning } from '../../shared/events.ts';
import type { ActiveRequest } from './active-request.ts';

/** Counts what is told with an answer, or lost of it. */
export function countLosses(request: ActiveRequest, { reasoningDropped = [], lost = [] }: AnswerFacts): void {
  const { history, plane } = request;
  for (const reason of reasoningDropped) countDroppedReasoning(request, reason);
  for (const loss of lost) plane.outbox.push({ type: 'answer-lost', provider: history.provider, loss });
}

/** Counts blocks of reasoning that were left out of a request: by its provider, as it said, or for it. */
export function countDroppedReasoning({ history, plane }: ActiveRequest, reason: DroppedReasoning, blocks = 1): void {
  plane.outbox.push({ type: 'reasoning-dropped', provider: history.provider, reason, blocks });
}
