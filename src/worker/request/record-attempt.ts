/**
 * Records the start (as first attempt, retry or failover) and the end of each attempt as events. An attempt is judged
 * here, once, for metrics, circuits, cooldowns, the log and the choice of the next target.
 */

import { crc32 } from 'node:zlib';
import { classify } from '../../shared/classify.ts';
import type { ProviderConfig, TargetConfig } from '../../shared/config.ts';
import { type AttemptEnded, type CooldownReason, exactSeconds } from '../../shared/events.ts';
import { type Judgement, success } from '../../shared/judgements.ts';
import type { AttemptFailure, EmptyAnswer } from '../upstream/attempt-failure.ts';
import { ownLack } from '../upstream/own-lack.ts';
import type { ActiveRequest } from './active-request.ts';
import type { HeldBody } from './arrival/body.ts';
import { countTokens } from './count-tokens.ts';

type Writable<T> = { -readonly [field in keyof T]: T[field] };

/** An attempt under way, with the data that its events need. */
export interface MadeAttempt {
  readonly index: number;
  readonly target: TargetConfig;
  readonly startedMs: number;
  readonly lease: number | null;
  /** The client's, by which requests are told apart. */
  readonly body: HeldBody;
}

/** Records that a target is about to be asked, as the first attempt, a retry or a failover. */
export function beginAttempt(
  request: ActiveRequest,
  choice: Pick<MadeAttempt, 'index' | 'target' | 'lease'> & { readonly provider: ProviderConfig },
  body: HeldBody,
): MadeAttempt {
  const { index, target, provider, lease } = choice;
  const { plane } = request;
  const { name } = provider;
  if (request.lastFailure !== null) {
    const from = request.lastFailure.provider;
    plane.outbox.push(from === name ? { type: 'retry', provider: name } : { type: 'failover', from, to: name });
  }
  if (request.attemptsAt(name) === 0) plane.depositRetry(provider);
  request.asked.push(target);
  if (!request.tried.includes(index)) request.tried.push(index);
  request.provider = name;
  request.upstreamModel = target.model;
  request.upstreamRequestId = null;
  return { index, target, lease, body, startedMs: plane.clock.nowMs() };
}

/** A probe got its status line: its provider's own circuit closes now, whatever the answer will be. */
export function providerAnswered({ plane }: ActiveRequest, { provider }: TargetConfig, lease: number): void {
  plane.outbox.push({ type: 'probe-succeeded', provider, model: null, lease });
  plane.gate.providerAnswered(provider, lease);
}

/** Counts an attempt that has succeeded. */
export function recordSuccess(request: ActiveRequest, attempt: MadeAttempt): void {
  recordEnd(request, attempt, success, elapsedMs(request, attempt), null);
  if (!request.committed) request.note(attempt.target.provider, success.label, null);
}

/** Judges a failed attempt, and tells its judgement to all who have to act on it. */
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
  logFailure(request, attempt, failure, judgement);
  return judgement;
}

function elapsedMs({ plane }: ActiveRequest, { startedMs }: MadeAttempt): number {
  return plane.clock.nowMs() - startedMs;
}

function recordEnd(
  request: ActiveRequest,
  { target, lease, body }: MadeAttempt,
  judgement: Judgement,
  tookMs: number,
  askedMs: number | null,
): void {
  const { plane } = request;
  const { provider, model } = target;
  const { verdict, providerVerdict, keyVerdict } = judgement;
  const ended: Writable<AttemptEnded> = {
    type: 'attempt-ended',
    provider,
    outcome: judgement.outcome,
    seconds: exactSeconds(tookMs),
    model,
    verdict,
    request: request.number,
    attempt: request.attemptsAt(provider),
  };
  if (providerVerdict !== verdict) ended.providerVerdict = providerVerdict;
  const attemptsHere = request.attemptsAt(provider, model);
  if (attemptsHere !== ended.attempt) ended.targetAttempt = attemptsHere;
  if (keyVerdict !== 'neutral' && keyVerdict !== verdict) ended.keyVerdict = keyVerdict;
  if (verdict !== 'neutral' || keyVerdict === 'failure') ended.body = bodyMark(body.bytes);
  if (lease !== null) ended.lease = lease;
  if (askedMs !== null) ended.retryAfterMs = askedMs;
  plane.outbox.push(ended);
  if (lease !== null) plane.gate.probeEnded(target, lease, verdict, providerVerdict);
}

/** A refused key is all targets' of its provider. */
function startCooldown(
  { plane }: ActiveRequest,
  { provider, model }: TargetConfig,
  reason: CooldownReason,
  retryAfterMs: number | null,
): void {
  const started = {
    type: 'cooldown-started',
    provider,
    model: reason === 'auth' ? null : model,
    reason,
    retryAfterMs,
  } as const;
  plane.outbox.push(started);
  plane.gate.coolDownLocally(started);
}

/** What is read of a body to tell it from others, at each end, in bytes. */
const MARKED_BYTES = 4_096;

/** Identifies a body, at a price that does not grow with it: bodies of the same length rarely agree at both ends. */
function bodyMark(bytes: Buffer): number {
  if (bytes.length <= 2 * MARKED_BYTES) return crc32(bytes);
  return crc32(bytes.subarray(-MARKED_BYTES), crc32(bytes.subarray(0, MARKED_BYTES), bytes.length));
}

function keepEmptyAnswer(request: ActiveRequest, target: TargetConfig, answer: EmptyAnswer): void {
  request.emptyAnswer ??= { target, answer };
  countTokens(request, answer.usage);
}

function logFailure(request: ActiveRequest, attempt: MadeAttempt, failure: AttemptFailure, judgement: Judgement): void {
  const { provider, model } = attempt.target;
  const { cause, error } = failure;
  const details = {
    id: request.id,
    provider,
    upstreamModel: model,
    outcome: judgement.outcome,
    providerCode: error?.code ?? null,
    reason: cause instanceof Error ? cause.message : null,
  };
  const { log } = request.plane;
  switch (judgement.notice) {
    case null:
      log.debug(details, 'attempt failed');
      break;
    case 'refused-key':
      log.error(details, `provider ${provider} refuses our API key: check it in the configuration`);
      break;
    case 'wrong-address': {
      const baseUrl = request.config.providers[provider]?.baseUrl;
      const message = `provider ${provider} has no API at ${baseUrl}: correct its base_url in the configuration`;
      log.error({ ...details, baseUrl }, message);
      break;
    }
    case 'missing-model':
      log.error(details, `provider ${provider} does not serve ${model}: correct the target in the configuration`);
      break;
    case 'host-lack':
      logLack(request, details, cause);
      break;
    default:
      judgement.notice satisfies never;
  }
}

/** All requests lack the same at the same time, so that each line would say it again. */
function logLack(request: ActiveRequest, details: object, cause: unknown): void {
  const withheld = request.plane.lackLog.pass();
  if (withheld === null) return;
  const lack = cause instanceof Error ? (ownLack(cause) ?? cause.message) : null;
  request.plane.log.warn({ ...details, lack, withheld }, `this host lacks what a request needs: ${lack}`);
}
