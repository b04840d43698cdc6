/**
 * What one attempt of a request may take: the exchange with its target, and all limits of time.
 */
import type { RequestOutline } from '../../dialects/types.ts';
import type { ModelConfig, ProviderConfig, ProviderKey, TargetConfig } from '../../shared/config.ts';
import type { AttemptPlan } from '../upstream/attempt.ts';
import type { ActiveRequest } from './active-request.ts';
import { providerAnswered } from './attempts/record-attempt.ts';
import { isHurriedByClient, timeLimitMs } from './client-deadline.ts';
import { keepWarm } from './open-stream.ts';
import type { PreparedRequest } from './prepare-attempt.ts';
import { anotherIsUsable } from './targets/candidate.ts';
import type { TargetChoice } from './targets/chosen-target.ts';
import { tagForAnswer } from './targets/state-keepers.ts';

/** The plan of an attempt at a chosen target, for which the request is prepared. */
export function attemptPlan(
  request: ActiveRequest,
  model: ModelConfig,
  { target, provider, key, lease }: TargetChoice,
  outline: RequestOutline,
  { codec, framing, outgoing, asksUsage, asked }: PreparedRequest,
): AttemptPlan {
  const createdAt = Math.floor(request.plane.clock.wallMs() / 1000);
  return {
    provider,
    target,
    codec,
    framing,
    outgoing: request.trace === null ? outgoing : { ...outgoing, headers: request.trace.outgoing(outgoing.headers) },
    context: {
      model: outline.model,
      includeUsage: outline.wantsUsage,
      createdAt,
      requestId: request.id,
      choices: outline.choices,
      hidesUsage: asksUsage,
      asked,
      stateTag: stateTagOf(request, provider, key, outline),
    },
    hasStopSequences: outline.hasStopSequences,
    stream: request.stream,
    patienceMs: patience(request, model, target),
    mayMove: () => anotherIsUsable(request, model),
    deadlineMs: request.startedMs + target.timeouts.totalMs,
    isLateByProviders: request.history.isFailedByProviders && request.waiting.totalMs > request.elapsedMs() / 2,
    client: clientWait(request, target),
    cancellation: request.cancellation,
    answerBytes: request.answerBytes,
    alive: () => keepWarm(request),
    answered: lease === null ? null : () => providerAnswered(request, target, lease),
  };
}

/** The mark of an answer that is kept, or was; null where it goes back as it is. */
function stateTagOf(
  { config, dialect, endpoint }: ActiveRequest,
  provider: ProviderConfig,
  key: ProviderKey,
  { isKept = false }: RequestOutline,
): string | null {
  if (!isKept && endpoint.store?.whose !== 'response') return null;
  return tagForAnswer(config, dialect.name, provider, key);
}

/**
 * How long one target may take while another one can be used; null where no other can. A plain request: half of the
 * remaining time, since its headers arrive only when the answer is finished, so only a time limit can distinguish a
 * provider that hangs from one that is working. A stream: `move_on` until its first content, or that half if it is less.
 */
function patience(request: ActiveRequest, model: ModelConfig, target: TargetConfig): number | null {
  if (model.targets.length === 1 || !anotherIsUsable(request, model)) return null;
  const halfMs = (timeLimitMs(request, target) - request.elapsedMs()) / 2;
  return request.stream ? Math.min(target.timeouts.moveOnMs, halfMs) : halfMs;
}

/** The client's deadline, if the gateway has to answer before its own because of it. */
function clientWait(request: ActiveRequest, target: TargetConfig): AttemptPlan['client'] {
  const limitMs = timeLimitMs(request, target);
  if (limitMs === target.timeouts.totalMs) return null;
  return {
    deadlineMs: request.startedMs + limitMs,
    isShorter: isHurriedByClient(request, target),
    isWaiting: () => request.reply.kind === 'unsent',
  };
}
