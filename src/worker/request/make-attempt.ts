/**
 * Makes one attempt of a request at a chosen target: prepared for it, sent, and sent once more without what an edit of our
 * own has caused. What becomes of the attempt's end is told in `request.ts`.
 */
import type { ModelConfig } from '../../shared/config.ts';
import { asGatewayError, GatewayError } from '../../shared/errors.ts';
import type { AttemptEnd } from '../upstream/attempt.ts';
import type { ActiveRequest } from './active-request.ts';
import type { HeldBody } from './arrival/body.ts';
import { authorizedAttempt } from './authorized-attempt.ts';
import { countDroppedReasoning } from './count-losses.ts';
import { type ServedRequest, withParameters } from './parameters.ts';
import { type LighterRequest, type PreparedRequest, prepareAttempt, withoutReasoning } from './prepare-attempt.ts';
import { refusedIn } from './refused-parameters.ts';
import type { TargetChoice } from './targets/chosen-target.ts';

/** The request without the parameters of the configuration that this target is known not to take. */
export async function takenBy(
  request: ActiveRequest,
  model: ModelConfig,
  served: ServedRequest,
  { provider, target }: TargetChoice,
  body: HeldBody,
): Promise<ServedRequest> {
  const refused = request.plane.refusedParameters.of(provider, target, request.matched);
  if (!refused.some((name) => served.set.includes(name))) return served;
  return (await without(request, model, served, body, refused)) ?? served;
}

/**
 * Makes the attempt. What an edit of our own has caused is asked again without that edit, and never shown. Each edit is
 * given up once, so it ends.
 */
export async function makeAttempt(
  request: ActiveRequest,
  model: ModelConfig,
  choice: TargetChoice,
  served: ServedRequest,
  prepared: PreparedRequest,
  body: HeldBody,
): Promise<AttemptEnd> {
  const { plane } = request;
  let sent = served;
  let ready = prepared;
  let refused: readonly string[] = [];
  let hasReasoning = true;
  let mayAskUsage = true;
  /** Whether it is counted that it has none. */
  let isTold = false;
  for (;;) {
    const end = await authorizedAttempt(request, model, choice, sent.arrived.outline, ready);
    // What fails without them too was not about them: one client's request must not end the counts of all others.
    if (end.kind !== 'failed' && refused.length > 0) noteRefused(request, choice, refused);
    if (end.kind !== 'failed' && !mayAskUsage) plane.usageRefused(choice.provider, ready.codec.outbound);
    if (end.kind !== 'failed' || request.cancellation.reason !== null) return end;
    const { error } = end.failure;
    if (error === undefined) return end;
    const { usageWish, ownReasoning } = ready.codec.outbound;
    if (ready.asksUsage && usageWish?.isRefusedBy(error) === true) {
      mayAskUsage = false;
    } else if (hasReasoning && ownReasoning?.isRefusedBy(error) === true) {
      hasReasoning = false;
    } else {
      const named = refusedIn(error, sent.set);
      if (named.length === 0) return end;
      refused = [...refused, ...named];
      const known = plane.refusedParameters.of(choice.provider, choice.target, request.matched);
      const fewer = await without(request, model, served, body, [...known, ...refused]);
      if (fewer === null) return end;
      sent = fewer;
    }
    const again = prepare(request, sent, choice, body, mayAskUsage);
    if (again instanceof GatewayError) return end;
    ready = again;
    if (hasReasoning) continue;
    const lighter = await preparedWithoutReasoning(request, sent, choice, again, body);
    if (lighter === null) return end;
    if (!isTold) countDroppedReasoning(request, 'refused', lighter.reasoningBlocks);
    isTold = true;
    ready = lighter;
  }
}

/** The request without these parameters of the configuration; null if it cannot be made, which the operator is told. */
async function without(
  request: ActiveRequest,
  model: ModelConfig,
  { original }: ServedRequest,
  body: HeldBody,
  names: readonly string[],
): Promise<ServedRequest | null> {
  try {
    return await withParameters(request, model, original, body, names);
  } catch (err) {
    request.plane.log.warn({ id: request.id, err }, `a request cannot be made without ${names.join(', ')}`);
    return null;
  }
}

/** The request without reasoning that another account has made; null where it has none, or nothing else. */
async function preparedWithoutReasoning(
  request: ActiveRequest,
  served: ServedRequest,
  choice: TargetChoice,
  prepared: PreparedRequest,
  body: HeldBody,
): Promise<LighterRequest | null> {
  try {
    const again = await withoutReasoning(request, choice, prepared);
    if (again === null) return null;
    hold(served, body, again);
    request.history.leftOut(again.droppedParams);
    return again;
  } catch (thrown) {
    noteSkipped(request, thrown);
    return null;
  }
}

/** The operator is told once for each target: the configuration asks for what has no effect there. */
function noteRefused(request: ActiveRequest, { provider, target }: TargetChoice, names: readonly string[]): void {
  const { plane, id, matched } = request;
  if (!plane.refusedParameters.add(provider, target, matched, names)) return;
  const upstreamModel = request.upstreamModel(target.model);
  const text = `${provider.name}/${upstreamModel} does not take the configured default of ${names.join(', ')}: it is left out`;
  plane.log.warn({ id, provider: provider.name, upstreamModel }, text);
}

/** The request as the target gets it, or the error if its dialect cannot express it or our own code failed. */
export function prepare(
  request: ActiveRequest,
  served: ServedRequest,
  choice: TargetChoice,
  body: HeldBody,
  mayAskUsage = true,
): PreparedRequest | GatewayError {
  const { arrived, dropped } = served;
  try {
    const prepared = prepareAttempt(request, arrived, choice, mayAskUsage);
    hold(served, body, prepared);
    if (dropped.length === 0) return prepared;
    return { ...prepared, droppedParams: [...dropped, ...prepared.droppedParams] };
  } catch (thrown) {
    return noteSkipped(request, thrown);
  }
}

/** Counts its bytes beside the client's. Throws `overloaded` if there is no room for them. */
function hold({ arrived }: ServedRequest, body: HeldBody, { outgoing }: PreparedRequest): void {
  const edited = arrived.bytes === body.bytes ? 0 : arrived.bytes.length;
  body.alsoHold(edited + (outgoing.body === arrived.bytes ? 0 : outgoing.body.length));
}

/** Another target may answer, and nobody would hear of a fault of our own: the operator does. Returns the error. */
function noteSkipped({ plane, id }: ActiveRequest, thrown: unknown): GatewayError {
  const error = asGatewayError(thrown);
  if (error.code === 'internal_error') plane.log.error({ id, err: thrown }, 'a target was skipped');
  return error;
}
