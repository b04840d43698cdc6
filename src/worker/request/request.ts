/**
 * Serves one request, from admission to delivery:
 *
 *   serveRequest
 *   ├─ admit             key, media type, limits, body        → refuse: an answer of our own, no attempt
 *   ├─ read              fields, in the client's dialect      → refuse
 *   ├─ route             model → ordered targets that can     → refuse
 *   │                    or what is stored → its provider
 *   └─ tryTargets        until there is an answer, a stream or a final failure
 *       ├─ chooseTarget    and its key: circuits, cooldowns, budget, back-off; → refuse if none can be asked at all
 *       ├─ fallBack        the context is too long: on with the targets of another model
 *       ├─ prepare         the model's parameters, the target's dialect, address, credentials
 *       ├─ beginAttempt    events: retry, failover
 *       ├─ makeAttempt     one exchange with one target, and one more without what is refused of our own
 *       ├─ judge           a failure: classify → attempt-ended, cooldown-started, a log line; then the next target
 *       │
 *       │   each of these counts the request's end, then sends the terminal:
 *       ├─ deliverAnswer   the whole body
 *       ├─ deliverStream   commit: from here no other attempt is possible, and nothing returns to the loop
 *       └─ deliverFailure  the last failure, in the form that the table of outcomes defines
 */

import type { ArrivedRequest, ArrivingRequest } from '../../dialects/types.ts';
import { GatewayError } from '../../shared/errors.ts';
import { JsonFault } from '../../wire/json-scan.ts';
import { checkLoad } from '../policies/admission.ts';
import type { ActiveRequest } from './active-request.ts';
import { ClientGoneError, type HeldBody, readBody } from './arrival/body.ts';
import { checkMediaType } from './arrival/media-type.ts';
import { scanError } from './arrival/scan-error.ts';
import { codingOf } from './arrival/unpacking.ts';
import { judge } from './attempts/judge.ts';
import { beginAttempt, recordSuccess } from './attempts/record-attempt.ts';
import { isClientRetry } from './client-deadline.ts';
import { makeAttempt, prepare, takenBy, takesAsIs } from './make-attempt.ts';
import { keepWarmByClock } from './open-stream.ts';
import { edits, refusedByAll, type ServedRequest, unedited, withParameters } from './parameters.ts';
import { nothingAvailable, refuse } from './refuse.ts';
import { deliverStream } from './relay.ts';
import { deliverAnswer, deliverFailure } from './reply.ts';
import { watchesTraffic } from './target-traffic.ts';
import { releaseLease } from './targets/chosen-target.ts';
import { countMove, joinSession, noteMove } from './targets/own-target.ts';
import { type Route, routeOf } from './targets/route.ts';
import { routeToStore } from './targets/store-route.ts';
import { chooseTarget, firstChoice } from './targets/target-choice.ts';

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
    joinSession(request, route.model, arrived.outline, body);
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
  if (isClientRetry(incoming.headers)) plane.outbox.push({ type: 'client-retry' });
  checkMediaType(request.endpoint.body, incoming.headers);
  const coding = codingOf(incoming.headers);
  checkLoad(config.server, load, length === undefined ? null : Number(length));
  return readBody(incoming, {
    server: config.server,
    meter: plane.held,
    timers: plane.tools.timers,
    watcher: arriving,
    coding,
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
  let served: ServedRequest | null = null;
  for (;;) {
    const { model } = route;
    served ??= edits(request, model, arrived)
      ? await withParameters(request, model, arrived, body, refusedByAll(request, model))
      : unedited(arrived);
    const choice = firstChoice(request, model) ?? (await chooseTarget(request, model));
    if (request.cancellation.reason !== null) return cancelled(request);
    if (choice.kind === 'none') {
      const { lastFailure, toldFailure } = request.history;
      if (lastFailure !== null && route.fallBack(request, lastFailure)) {
        served = null;
        continue;
      }
      const keeperFailed = lastFailure !== null && lastFailure.judgement.next !== 'final';
      // Its client sends everything again, and another target can take that.
      if (keeperFailed && request.binding?.unavailable) throw request.binding.unavailable;
      if (toldFailure !== null) return deliverFailure(request, toldFailure);
      throw untranslatable ?? request.binding?.unavailable ?? nothingAvailable(request, choice);
    }
    const asIs = takesAsIs(request, served, choice);
    const taken = asIs ? served : await takenBy(request, model, served, choice, body);
    const prepared = prepare(request, taken, choice, body);
    if (prepared instanceof GatewayError) {
      untranslatable ??= prepared;
      request.history.skip(choice.index);
      releaseLease(request, choice);
      continue;
    }
    noteMove(request, model, choice);
    const attempt = beginAttempt(request, choice, body, prepared);
    if (watchesTraffic(model.balance)) request.occupancy.take(request.plane.traffic.of(choice.target));
    request.waiting.start('provider');
    const end = await makeAttempt(request, model, choice, taken, prepared, body);
    request.waiting.stop();
    switch (end.kind) {
      case 'answer':
        if (attempt.quote.isPending) await attempt.quote.wait(request.plane.clock);
        recordSuccess(request, attempt, end.answer);
        countMove(request);
        return deliverAnswer(request, end);
      case 'stream':
        countMove(request);
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

function cancelled(request: ActiveRequest): void {
  if (request.cancellation.reason === 'client-gone') request.abandon();
  else throw new GatewayError('draining', 'The gateway is being stopped.', { retryAfterMs: 1000 });
}
