/**
 * The end of an attempt that has failed: judged once, and its judgement told to all who have to act on it, which are
 * metrics and circuits, cooldowns, the request's own next steps, and the operator.
 */
import { namesAnotherModel } from '../../../dialects/named-model.ts';
import { classify } from '../../../shared/classify.ts';
import type { TargetConfig } from '../../../shared/config.ts';
import type { Judgement } from '../../../shared/judgements.ts';
import { isPattern } from '../../../shared/model-names.ts';
import type { AttemptFailure } from '../../upstream/attempt-failure.ts';
import type { ActiveRequest } from '../active-request.ts';
import { type AttemptEnding, countTokens } from './count-tokens.ts';
import { logFailure } from './log-failure.ts';
import { elapsedMs, type MadeAttempt, recordEnd } from './record-attempt.ts';
import { startCooldown } from './start-cooldown.ts';

/** Judges a failed attempt. What may follow is the caller's decision, by the judgement. */
export function judge(request: ActiveRequest, attempt: MadeAttempt, failure: AttemptFailure): Judgement {
  const { index, target } = attempt;
  const judgement = classify(failure.fault, isModelAsked(target, failure));
  const tookMs = elapsedMs(request, attempt);
  const askedMs = failure.retryAfterMs ?? null;
  recordEnd(request, attempt, judgement, tookMs, askedMs);
  if (judgement.cooldown !== null) startCooldown(request, attempt, judgement.cooldown, askedMs);
  request.history.failed(index, target, failure, judgement, tookMs);
  const { usage = null, said = null } = failure;
  countTokens(request, attempt, { usage, said, end: endOf(failure) });
  logFailure(request, attempt, failure, judgement);
  return judgement;
}

/** How far it came, for what it has used. An empty answer is whole, and is paid too. */
function endOf({ fault, isSent }: AttemptFailure): AttemptEnding {
  switch (fault.kind) {
    case 'empty':
      return 'whole';
    case 'client-gone':
    case 'client-deadline':
      return isSent === true ? 'left' : 'unsent';
    default:
      return 'broken';
  }
}

/** Whether the client has named the model that an error is about: by what a star stands for, or in a field of its request. */
function isModelAsked({ model }: TargetConfig, { error }: AttemptFailure): boolean {
  return isPattern(model) || (error?.subject === 'model' && namesAnotherModel(error.message, model));
}
