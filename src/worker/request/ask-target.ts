/**
 * Asks one target: the request in its dialect, what it may take, and the exchange. What the client is not to blame for is
 * refused once without its hearing of it.
 */
import type { ArrivedRequest, RequestOutline } from '../../dialects/types.ts';
import type { UpstreamError } from '../../dialects/upstream-error.ts';
import type { ModelConfig, TargetConfig } from '../../shared/config.ts';
import { asGatewayError, GatewayError } from '../../shared/errors.ts';
import { type AttemptEnd, type AttemptPlan, runAttempt } from '../upstream/attempt.ts';
import type { ActiveRequest } from './active-request.ts';
import type { HeldBody } from './arrival/body.ts';
import { providerAnswered } from './attempts/record-attempt.ts';
import { isHurriedByClient, timeLimitMs } from './client-deadline.ts';
import { countDroppedReasoning } from './count-tokens.ts';
import { keepWarm } from './open-stream.ts';
import { type PreparedRequest, prepareAttempt, withoutReasoning } from './prepare-attempt.ts';
import { anotherIsUsable } from './targets/candidate.ts';
import type { Choice } from './targets/target-choice.ts';

type TargetChoice = Extract<Choice, { kind: 'target' }>;

/** Makes the attempt. What the client is not to blame for is asked again without it, once, and never shown. */
export async function ask(
  request: ActiveRequest,
  model: ModelConfig,
  choice: TargetChoice,
  arrived: ArrivedRequest,
  prepared: PreparedRequest,
  body: HeldBody,
): Promise<AttemptEnd> {
  const run = (ready: PreparedRequest) =>
    runAttempt(attemptPlan(request, model, choice, arrived.outline, ready), request.plane.tools);
  const end = await run(prepared);
  if (end.kind !== 'failed' || end.failure.error === undefined || request.cancellation.reason !== null) return end;
  const again = withoutRefused(request, choice, arrived, prepared, body, end.failure.error);
  return again === null ? end : run(again);
}

/**
 * The request without what its target refuses of it: our own wish, or reasoning of another account. Null if it is refused
 * for something else.
 */
function withoutRefused(
  request: ActiveRequest,
  choice: TargetChoice,
  arrived: ArrivedRequest,
  prepared: PreparedRequest,
  body: HeldBody,
  error: UpstreamError,
): PreparedRequest | null {
  const { plane, history } = request;
  const { provider } = choice;
  const { usageWish, ownReasoning } = prepared.codec.outbound;
  if (prepared.asksUsage && usageWish?.isRefusedBy(error) === true) {
    plane.usageRefused(provider);
    const again = prepare(request, arrived, choice, body);
    return again instanceof GatewayError ? null : again;
  }
  if (ownReasoning?.isRefusedBy(error) !== true) return null;
  const again = held(request, arrived, body, () => withoutReasoning(request, provider, prepared));
  if (again === null || again instanceof GatewayError) return null;
  history.leftOut(again.droppedParams);
  countDroppedReasoning(request, ['refused']);
  return again;
}

/** The request as the target gets it, or the error if its dialect cannot express it or our own code failed. */
export function prepare(
  request: ActiveRequest,
  arrived: ArrivedRequest,
  { provider, target }: TargetChoice,
  body: HeldBody,
): PreparedRequest | GatewayError {
  return held(request, arrived, body, () => prepareAttempt(request, arrived, provider, target));
}

/** What `make` gives, with its bytes counted beside the client's. */
function held<Made extends PreparedRequest | null>(
  request: ActiveRequest,
  arrived: ArrivedRequest,
  body: HeldBody,
  make: () => Made,
): Made | GatewayError {
  try {
    const prepared = make();
    const made = prepared?.outgoing.body ?? arrived.bytes;
    body.alsoHold(made === arrived.bytes ? 0 : made.length);
    return prepared;
  } catch (thrown) {
    const error = asGatewayError(thrown);
    // Another target may answer, and nobody would hear of it.
    if (error.code === 'internal_error')
      request.plane.log.error({ id: request.id, err: thrown }, 'a target was skipped');
    return error;
  }
}

function attemptPlan(
  request: ActiveRequest,
  model: ModelConfig,
  { target, provider, lease }: TargetChoice,
  outline: RequestOutline,
  { codec, framing, outgoing, asksUsage, asked }: PreparedRequest,
): AttemptPlan {
  const createdAt = Math.floor(request.plane.clock.wallMs() / 1000);
  return {
    provider,
    target,
    codec,
    framing,
    outgoing,
    context: {
      model: outline.model,
      includeUsage: outline.wantsUsage,
      createdAt,
      requestId: request.id,
      choices: outline.choices,
      hidesUsage: asksUsage,
      asked,
    },
    hasStopSequences: outline.hasStopSequences,
    stream: request.stream,
    patienceMs: patience(request, model, target),
    mayMove: () => anotherIsUsable(request, model),
    deadlineMs: request.startedMs + target.timeouts.totalMs,
    client: clientWait(request, target),
    cancellation: request.cancellation,
    answerBytes: request.answerBytes,
    alive: () => keepWarm(request),
    answered: lease === null ? null : () => providerAnswered(request, target, lease),
  };
}

/**
 * How long one target may take while another one can be used; null where no other can. A plain request: half of the
 * remaining time, since its headers arrive only when the answer is finished, so only a time limit can distinguish a
 * provider that hangs from one that is working. A stream: until its first content.
 */
function patience(request: ActiveRequest, model: ModelConfig, target: TargetConfig): number | null {
  if (model.targets.length === 1 || !anotherIsUsable(request, model)) return null;
  return request.stream ? target.timeouts.moveOnMs : (timeLimitMs(request, target) - request.elapsedMs()) / 2;
}

/** The client's deadline, if the gateway has to answer before its own because of it. */
function clientWait(request: ActiveRequest, target: TargetConfig): AttemptPlan['client'] {
  const limitMs = timeLimitMs(request, target);
  if (limitMs === target.timeouts.totalMs) return null;
  return {
    deadlineMs: request.startedMs + limitMs,
    isShorter: isHurriedByClient(request, target),
    isWaiting: () => request.writer === null,
  };
}
