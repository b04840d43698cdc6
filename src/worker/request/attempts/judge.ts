/**
 * The end of an attempt that has failed: judged once, and its judgement told to all who have to act on it, which are
 * metrics and circuits, cooldowns, the request's own next steps, and the operator.
 */
import { classify } from '../../../shared/classify.ts';
import type { TargetConfig } from '../../../shared/config.ts';
import type { Judgement } from '../../../shared/judgements.ts';
import type { AttemptFailure, EmptyAnswer } from '../../upstream/attempt-failure.ts';
import type { ActiveRequest } from '../active-request.ts';
import { countTokens } from '../count-tokens.ts';
import { logFailure } from './log-failure.ts';
import { elapsedMs, type MadeAttempt, recordEnd } from './record-attempt.ts';
import { startCooldown } from './start-cooldown.ts';

/** Judges a failed attempt. What may follow is the caller's decision, by the judgement. */
export function judge(request: ActiveRequest, attempt: MadeAttempt, failure: AttemptFailure): Judgement {
  const { provider } = attempt.target;
  const judgement = classify(failure.fault);
  const tookMs = elapsedMs(request, attempt);
  const askedMs = failure.retryAfterMs ?? null;
  recordEnd(request, attempt, judgement, tookMs, askedMs);
  if (judgement.cooldown !== null) startCooldown(request, attempt.target, judgement.cooldown, askedMs);
  if (failure.upstreamRequestId !== undefined) request.upstreamRequestId = failure.upstreamRequestId;
  if (judgement.next === 'failover-once') request.onceOnly += 1;
  if (failure.emptyAnswer !== undefined) keepEmptyAnswer(request, attempt.target, failure.emptyAnswer);
  if (request.committed) request.amendNote(judgement.label, tookMs);
  else request.note(provider, judgement.label, tookMs);
  logFailure(request, attempt.target, failure, judgement);
  return judgement;
}

function keepEmptyAnswer(request: ActiveRequest, target: TargetConfig, answer: EmptyAnswer): void {
  request.emptyAnswer ??= { target, answer };
  countTokens(request, answer.usage);
}
