/**
 * Serves one request, from admission to delivery:
 *
 *   serveRequest
 *   ├─ admit             key, media type, limits, body        → refuse: an answer of our own, no attempt
 *   ├─ read              fields, in the client's dialect      → refuse
 *   ├─ route             model → ordered targets that can     → refuse
 *   │                    or what is stored → its provider
 *   └─ tryTargets        until there is an answer, a stream or a final failure
 *       ├─ chooseTarget    circuits, cooldowns, budget, back-off; → refuse if none can be asked at all
 *       ├─ fallBack        the context is too long: on with the targets of another model
 *       ├─ prepare         the target's dialect, address, credentials
 *       ├─ beginAttempt    events: retry, failover
 *       ├─ runAttempt      one exchange with one target
 *       ├─ judge           a failure: classify → attempt-ended, cooldown-started, a log line; then the next target
 *       │
 *       │   each of these counts the request's end, then sends the terminal:
 *       ├─ deliverAnswer   the whole body
 *       ├─ deliverStream   commit: from here no other attempt is possible, and nothing returns to the loop
 *       └─ deliverFailure  the last failure, in the form that the table of outcomes defines
 */

import type { AnswerContext, ArrivedRequest, ArrivingRequest, RequestOutline } from '../../dialects/types.ts';
import type { ModelConfig, ProviderConfig, TargetConfig } from '../../shared/config.ts';
import { asGatewayError, GatewayError } from '../../shared/errors.ts';
import { JsonFault } from '../../wire/json-scan.ts';
import { checkLoad } from '../policies/admission.ts';
import { type AttemptEnd, type AttemptPlan, runAttempt } from '../upstream/attempt.ts';
import type { ActiveRequest } from './active-request.ts';
import { ClientGoneError, type HeldBody, readBody } from './arrival/body.ts';
import { checkMediaType } from './arrival/media-type.ts';
import { scanError } from './arrival/scan-error.ts';
import { judge } from './attempts/judge.ts';
import { beginAttempt, providerAnswered, recordSuccess } from './attempts/record-attempt.ts';
import { keepWarm, keepWarmByClock } from './open-stream.ts';
import { type PreparedRequest, prepareAttempt } from './prepare-attempt.ts';
import { nothingAvailable, refuse } from './refuse.ts';
import { deliverStream } from './relay.ts';
import { deliverAnswer, deliverFailure } from './reply.ts';
import { watchesTraffic } from './target-traffic.ts';
import { anotherIsUsable } from './targets/candidate.ts';
import { type Route, routeOf } from './targets/route.ts';
import { tagForAnswer } from './targets/state-keepers.ts';
import { routeToStore } from './targets/store-route.ts';
import { type Choice, chooseTarget, firstChoice, releaseLease } from './targets/target-choice.ts';

const NO_TAG = {};

/** Serves one request. Resolves when its end is decided, good or bad. Never rejects. */
export async function serveRequest(request: ActiveRequest): Promise<void> {
  const { plane, cancellation } = request;
  plane.open.add(request);
  let body: HeldBody | null = null;
  let stopClock: (() => void) | null = null;
  try {
    const arriving = request.dialect.arrive(request.incoming.headers);
    body = await admit(request, arriving);
    const arrived = arriving.read(body.bytes);
    const { store } = request.endpoint;
    const route = store === null ? routeOf(request, arrived.outline) : routeToStore(request, store.whose);
    stopClock = keepWarmByClock(request, route.model);
    await tryTargets(request, route, arrived, body);
  } catch (error) {
    if (error instanceof JsonFault) refuse(request, scanError(error));
    else if (request.bodyFault !== null) refuse(request, request.bodyFault);
    else if (error instanceof ClientGoneError || cancellation.reason === 'client-gone') request.abandon();
    else refuse(request, error);
  } finally {
    stopClock?.();
    request.occupancy.leave();
    body?.release();
  }
}

/** Checks the request and reads its body. Throws if the body is not read at all; rejects as `readBody` does. */
function admit(request: ActiveRequest, arriving: ArrivingRequest): Promise<HeldBody> {
  const { plane, incoming, config } = request;
  const length = incoming.headers['content-length'];
  const load = { inFlight: plane.open.size - 1, bufferedBytes: plane.held.bytes };
  request.identified(plane.authenticate(incoming.headers, request.dialect));
  checkMediaType(request.endpoint.body, incoming.headers);
  checkLoad(config.server, load, length === undefined ? null : Number(length));
  return readBody(incoming, {
    server: config.server,
    meter: plane.held,
    timers: plane.tools.timers,
    watcher: arriving,
  });
}

/** Makes attempts until there is a result, then delivers it. */
async function tryTargets(
  request: ActiveRequest,
  route: Route,
  arrived: ArrivedRequest,
  body: HeldBody,
): Promise<void> {
  let untranslatable: GatewayError | null = null;
  for (;;) {
    const { model } = route;
    const choice = firstChoice(request, model) ?? (await chooseTarget(request, model));
    if (request.cancellation.reason !== null) return cancelled(request);
    if (choice.kind === 'none') {
      const { lastFailure } = request.history;
      if (lastFailure !== null && route.fallBack(request, lastFailure)) continue;
      if (lastFailure !== null) return deliverFailure(request, lastFailure);
      throw untranslatable ?? request.binding?.lost ?? nothingAvailable(choice);
    }
    const prepared = prepare(request, arrived, choice, body);
    if (prepared instanceof GatewayError) {
      untranslatable ??= prepared;
      request.history.skip(choice.index);
      releaseLease(request, choice);
      continue;
    }
    const attempt = beginAttempt(request, choice, body, prepared.droppedParams);
    if (watchesTraffic(model.balance)) request.occupancy.take(request.plane.traffic.of(choice.target));
    request.waiting.start();
    const end = await ask(request, model, choice, arrived, prepared, body);
    request.waiting.stop();
    switch (end.kind) {
      case 'answer':
        recordSuccess(request, attempt);
        return deliverAnswer(request, end);
      case 'stream':
        return deliverStream(request, attempt, end);
      case 'failed':
        judge(request, attempt, end.failure);
        request.occupancy.leave();
        if (request.cancellation.reason === null) continue;
        return cancelled(request);
      default:
        end satisfies never;
    }
  }
}

/** Makes the attempt. What a wish of our own has caused is asked again without it, once, and never shown. */
async function ask(
  request: ActiveRequest,
  model: ModelConfig,
  choice: Extract<Choice, { kind: 'target' }>,
  arrived: ArrivedRequest,
  prepared: PreparedRequest,
  body: HeldBody,
): Promise<AttemptEnd> {
  const { plane } = request;
  const run = (ready: PreparedRequest) =>
    runAttempt(attemptPlan(request, model, choice, arrived.outline, ready), plane.tools);
  const end = await run(prepared);
  if (!prepared.asksUsage || end.kind !== 'failed' || request.cancellation.reason !== null) return end;
  const { error } = end.failure;
  if (error === undefined || prepared.codec.outbound.usageWish?.isRefusedBy(error) !== true) return end;
  plane.usageRefused(choice.provider);
  const again = prepare(request, arrived, choice, body);
  return again instanceof GatewayError ? end : run(again);
}

/** The request as the target gets it, or the error if its dialect cannot express it or our own code failed. */
function prepare(
  request: ActiveRequest,
  arrived: ArrivedRequest,
  { provider, target }: Extract<Choice, { kind: 'target' }>,
  body: HeldBody,
): PreparedRequest | GatewayError {
  try {
    const prepared = prepareAttempt(request, arrived, provider, target);
    const made = prepared.outgoing.body;
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
  { target, provider, lease }: Extract<Choice, { kind: 'target' }>,
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
      ...stateTagOf(request, provider, outline),
    },
    hasStopSequences: outline.hasStopSequences,
    stream: request.stream,
    patienceMs: patience(request, model, target),
    mayMove: () => anotherIsUsable(request, model),
    deadlineMs: request.startedMs + target.timeouts.totalMs,
    cancellation: request.cancellation,
    answerBytes: request.answerBytes,
    alive: () => keepWarm(request),
    answered: lease === null ? null : () => providerAnswered(request, target, lease),
  };
}

/** The mark of an answer that is kept, or was; nothing where it goes back as it is. */
function stateTagOf(
  { config, dialect, endpoint }: ActiveRequest,
  provider: ProviderConfig,
  { isKept = false }: RequestOutline,
): Pick<AnswerContext, 'stateTag'> {
  if (!isKept && endpoint.store?.whose !== 'response') return NO_TAG;
  const stateTag = tagForAnswer(config, dialect.name, provider);
  return stateTag === null ? NO_TAG : { stateTag };
}

/**
 * How long one target may take while another one can be used; null where no other can. A plain request: half of the
 * remaining time, since its headers arrive only when the answer is finished, so only a time limit can distinguish a
 * provider that hangs from one that is working. A stream: until its first content.
 */
function patience(request: ActiveRequest, model: ModelConfig, { timeouts }: TargetConfig): number | null {
  if (model.targets.length === 1 || !anotherIsUsable(request, model)) return null;
  return request.stream ? timeouts.moveOnMs : (timeouts.totalMs - request.elapsedMs()) / 2;
}

function cancelled(request: ActiveRequest): void {
  if (request.cancellation.reason === 'client-gone') request.abandon();
  else throw new GatewayError('draining', 'The gateway is being stopped.', { retryAfterMs: 1000 });
}
