/**
 * What the checkpoint is told of attempts: that one begins (as the first, a retry or a failover), and how it ended. The
 * judgement is made here, once, for metrics, circuits, cooldowns, the log and whoever decides what comes next.
 */

import { classify, type Judgement } from '../../shared/classify.ts';
import type { ProviderConfig, TargetConfig } from '../../shared/config.ts';
import { type AttemptEnded, exactSeconds } from '../../shared/events.ts';
import { type AttemptFailure, failureLabel } from '../upstream/attempt-failure.ts';
import { ownLack } from '../upstream/own-lack.ts';
import type { ActiveRequest } from './active-request.ts';

type Writable<T> = { -readonly [field in keyof T]: T[field] };

/** An attempt that was made, with what the checkpoint needs of it. */
export interface MadeAttempt {
  readonly index: number;
  readonly target: TargetConfig;
  readonly startedMs: number;
  readonly lease: number | null;
}

/** Notes that a target is about to be asked: as a retry, as a failover or as the first. */
export function beginAttempt(
  request: ActiveRequest,
  { index, target, provider, lease }: Omit<MadeAttempt, 'startedMs'> & { readonly provider: ProviderConfig },
): MadeAttempt {
  const { plane } = request;
  const { name } = provider;
  if (request.lastFailure !== null) {
    const from = request.lastFailure.provider;
    plane.outbox.push(from === name ? { type: 'retry', provider: name } : { type: 'failover', from, to: name });
  }
  if (!request.asked.includes(name)) plane.depositRetry(provider);
  request.asked.push(name);
  if (!request.tried.includes(index)) request.tried.push(index);
  request.provider = name;
  return { index, target, lease, startedMs: plane.clock.nowMs() };
}

/** Judges a finished attempt and tells the checkpoint. */
export function endAttempt(request: ActiveRequest, attempt: MadeAttempt, failure: AttemptFailure): Judgement {
  const { plane } = request;
  const { provider, model } = attempt.target;
  const judgement = classify(failure.result);
  const elapsedMs = plane.clock.nowMs() - attempt.startedMs;
  const { lease } = attempt;
  const wish = failure.retryAfterMs ?? null;
  const ended: Writable<AttemptEnded> = {
    type: 'attempt-ended',
    provider,
    outcome: judgement.outcome,
    seconds: exactSeconds(elapsedMs),
    verdict: judgement.verdict,
    request: request.number,
    attempt: request.attemptsAt(provider),
    model,
  };
  if (lease !== null) ended.lease = lease;
  if (wish !== null) ended.retryAfterMs = wish;
  plane.outbox.push(ended);
  if (lease !== null) plane.gate.probeEnded(provider, lease, judgement.verdict);
  if (judgement.cooldown !== null) {
    const rested = {
      type: 'cooldown-started',
      provider,
      model: judgement.cooldown === 'auth' ? null : model,
      reason: judgement.cooldown,
      retryAfterMs: wish,
    } as const;
    plane.outbox.push(rested);
    plane.gate.coolDownLocally(rested);
  }
  const isSuccess = failure.result.kind === 'success';
  if (!request.committed)
    request.note(provider, isSuccess ? '200' : failureLabel(failure), isSuccess ? null : elapsedMs);
  else if (!isSuccess) request.amendNote(failureLabel(failure), elapsedMs);
  if (!isSuccess) logFailure(request, attempt, failure, judgement);
  return judgement;
}

function logFailure(request: ActiveRequest, attempt: MadeAttempt, failure: AttemptFailure, judgement: Judgement): void {
  const { provider, model } = attempt.target;
  const { cause, error } = failure;
  const details = {
    id: request.id,
    provider,
    model,
    outcome: judgement.outcome,
    code: error?.code ?? null,
    cause: cause instanceof Error ? cause.message : null,
  };
  if (judgement.outcome === 'auth_error') {
    request.plane.log.error(details, `provider ${provider} refuses our API key: check it in the configuration`);
  } else if (judgement.outcome === 'gateway_limit') {
    logLack(request, details, cause);
  } else {
    request.plane.log.debug(details, 'attempt failed');
  }
}

/** All requests lack the same at the same time, so that each line would say it again. */
function logLack(request: ActiveRequest, details: object, cause: unknown): void {
  const withheld = request.plane.lackLog.pass();
  if (withheld === null) return;
  const lack = cause instanceof Error ? (ownLack(cause) ?? cause.message) : null;
  request.plane.log.warn({ ...details, lack, withheld }, `this host lacks what a new connection needs: ${lack}`);
}
