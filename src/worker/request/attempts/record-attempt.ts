/**
 * Records what happens to an attempt as events: its start (as first attempt, retry or failover), what a probe has shown
 * before its end, and its end. Judges nothing.
 */
import { crc32 } from 'node:zlib';
import type { Said } from '../../../dialects/said.ts';
import type { ReadAnswer, TargetDialect } from '../../../dialects/types.ts';
import type { ProviderConfig, ProviderKey, TargetConfig } from '../../../shared/config.ts';
import { type AttemptEnded, exactSeconds } from '../../../shared/events.ts';
import { type Judgement, success } from '../../../shared/judgements.ts';
import { DEFAULT_KEY } from '../../../shared/provider-keys.ts';
import type { Bytes } from '../../../wire/pieced-bytes.ts';
import { failedMs } from '../../policies/latency.ts';
import type { Quote } from '../../prices/price-book.ts';
import type { ActiveRequest } from '../active-request.ts';
import type { HeldBody } from '../arrival/body.ts';
import type { PreparedRequest } from '../prepare-attempt.ts';
import { observe, observeWait, type TargetTraffic } from '../target-traffic.ts';
import { countTokens } from './count-tokens.ts';

type Writable<T> = { -readonly [field in keyof T]: T[field] };

/** An attempt under way, with the data that its events need. */
export interface MadeAttempt {
  readonly index: number;
  readonly target: TargetConfig;
  /** The name of the provider's key. */
  readonly key: string;
  readonly startedMs: number;
  readonly lease: number | null;
  /** The client's, by which requests are told apart. */
  readonly body: HeldBody;
  /** What the provider gets, in which dialect. */
  readonly sent: Bytes;
  readonly dialect: TargetDialect;
  readonly quote: Quote;
  /** Whether its end is recorded. */
  isOver: boolean;
}

/** What is about to be asked. */
interface Chosen extends Pick<MadeAttempt, 'index' | 'target' | 'lease'> {
  readonly provider: ProviderConfig;
  readonly key: ProviderKey;
  readonly takesOver: boolean;
}

/** Records that a target is about to be asked, as the first attempt, a retry, a failover or with another key. */
export function beginAttempt(
  request: ActiveRequest,
  { index, target, provider, key, lease, takesOver }: Chosen,
  body: HeldBody,
  { droppedParams, outgoing, codec }: Pick<PreparedRequest, 'droppedParams' | 'outgoing' | 'codec'>,
): MadeAttempt {
  const { plane, history } = request;
  const { name } = provider;
  if (history.lastFailure !== null) {
    const from = history.lastFailure.provider;
    const isRetry = from === name && history.lastFailureHere !== null;
    if (takesOver) plane.outbox.push({ type: 'key-failover', provider: name, key: history.key });
    else plane.outbox.push(isRetry ? { type: 'retry', provider: name } : { type: 'failover', from, to: name });
  }
  if (history.attemptsAt(name) === 0) plane.depositRetry(provider);
  history.begin(index, target, droppedParams, key.name, takesOver);
  request.trace?.attemptBegins(
    {
      provider: name,
      type: provider.type,
      baseUrl: provider.baseUrl,
      model: request.upstreamModel(target.model),
      attempt: history.attemptsAt(name),
    },
    request.elapsedMs(),
  );
  const sent = { sent: outgoing.body, dialect: codec.outbound };
  const quote = plane.prices.quote(target, request.matched);
  const startedMs = plane.clock.nowMs();
  return { index, target, key: key.name, lease, body, ...sent, quote, startedMs, isOver: false };
}

/** A probe got its status line: its provider's own circuit closes now, whatever the answer will be. */
export function providerAnswered({ plane }: ActiveRequest, { provider }: TargetConfig, lease: number): void {
  plane.outbox.push({ type: 'probe-succeeded', provider, model: null, lease });
  plane.gate.providerAnswered(provider, lease);
}

/** A stream is committed: that is a success for a probe's circuits, whatever its end will be. */
export function recordFirstContent(request: ActiveRequest, attempt: MadeAttempt, afterMs: number): void {
  const { plane } = request;
  const { traffic } = request.occupancy;
  const { target, key, lease } = attempt;
  const { provider, model } = target;
  const label = request.modelLabel();
  const seen = {
    type: 'first-content',
    provider,
    model: label,
    seconds: exactSeconds(afterMs),
    ...(model === label ? {} : { upstreamModel: model }),
  } as const;
  plane.outbox.push(key === DEFAULT_KEY ? seen : { ...seen, key });
  if (traffic !== null) observe(traffic, request.stream, elapsedMs(request, attempt), plane.clock.nowMs());
  if (lease === null) return;
  plane.outbox.push({ type: 'probe-succeeded', provider, model, lease });
  plane.gate.probeEnded(target, lease, 'success', 'success');
}

/** Records that an attempt has succeeded, and what its answer has used. */
export function recordSuccess(
  request: ActiveRequest,
  attempt: MadeAttempt,
  { facts, said = null }: Pick<ReadAnswer, 'facts'> & { readonly said?: Said | null | undefined },
): void {
  recordEnd(request, attempt, success, elapsedMs(request, attempt), null);
  countTokens(request, attempt, { usage: facts.usage, said, end: 'whole' });
}

/** How long it has taken so far. */
export function elapsedMs({ plane }: ActiveRequest, { startedMs }: MadeAttempt): number {
  return plane.clock.nowMs() - startedMs;
}

/**
 * Records the end of an attempt, for metrics and circuits.
 *
 * @param askedMs the provider's Retry-After
 */
export function recordEnd(
  request: ActiveRequest,
  attempt: MadeAttempt,
  judgement: Judgement,
  tookMs: number,
  askedMs: number | null,
): void {
  const { plane } = request;
  const { target, key, lease, body } = attempt;
  attempt.isOver = true;
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
    attempt: request.history.attemptsAt(provider),
  };
  if (key !== DEFAULT_KEY) ended.key = key;
  if (judgement.outcome !== 'success') ended.end = judgement.label;
  if (providerVerdict !== verdict) ended.providerVerdict = providerVerdict;
  const attemptsHere = request.history.attemptsAt(provider, model);
  if (attemptsHere !== ended.attempt) ended.targetAttempt = attemptsHere;
  if (keyVerdict !== 'neutral' && keyVerdict !== verdict) ended.keyVerdict = keyVerdict;
  if (verdict !== 'neutral' || keyVerdict === 'failure') ended.body = bodyMark(body.bytes);
  if (lease !== null) ended.lease = lease;
  if (askedMs !== null) ended.retryAfterMs = askedMs;
  plane.outbox.push(ended);
  request.trace?.attemptEnds(judgement.outcome, statusIn(judgement.label), tookMs, firstContentOf(request, attempt));
  const { traffic } = request.occupancy;
  // A stream's first content was seen already.
  if (traffic !== null && request.firstContentMs === null) observeEnd(request, traffic, judgement, tookMs);
  if (lease !== null) plane.gate.probeEnded(target, lease, verdict, providerVerdict);
}

/** The status in the label of an attempt's end; null where it is a word. */
function statusIn(label: string): number | null {
  return /^\d{3}$/.test(label) ? Number(label) : null;
}

/** When the first content of this attempt was here, in ms since its beginning; null if none came, or it is no stream. */
function firstContentOf(
  { firstContentMs, startedMs: arrivedMs }: ActiveRequest,
  { startedMs }: MadeAttempt,
): number | null {
  return firstContentMs === null ? null : Math.max(0, arrivedMs + firstContentMs - startedMs);
}

/** What the end of an attempt says of how long its target takes: of one that was given up, that it takes longer. */
function observeEnd(
  { plane, stream, endpoint }: ActiveRequest,
  traffic: TargetTraffic,
  { verdict, providerVerdict, givenUp }: Judgement,
  tookMs: number,
): void {
  if (endpoint.answersAtOnce) return;
  const nowMs = plane.clock.nowMs();
  if (verdict === 'success') observe(traffic, stream, tookMs, nowMs);
  else if (givenUp) observeWait(traffic, stream, tookMs, nowMs);
  else if (verdict === 'failure' || providerVerdict === 'failure') observe(traffic, stream, failedMs(tookMs), nowMs);
}

/** What is read of a body to tell it from others, at each end, in bytes. */
const MARKED_BYTES = 4_096;

/** Identifies a body, at a price that does not grow with it: bodies of the same length rarely agree at both ends. */
function bodyMark(bytes: Buffer): number {
  if (bytes.length <= 2 * MARKED_BYTES) return crc32(bytes);
  return crc32(bytes.subarray(-MARKED_BYTES), crc32(bytes.subarray(0, MARKED_BYTES), bytes.length));
}
