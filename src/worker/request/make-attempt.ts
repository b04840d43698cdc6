/**
 * Makes one attempt of a request at a chosen target: prepared for it, sent, and sent once more without what an edit of our
 * own has caused. What becomes of the attempt's end is told in `request.ts`.
 */
import type { RequestOutline } from '../../dialects/types.ts';
import type { ModelConfig, TargetConfig } from '../../shared/config.ts';
import { asGatewayError, GatewayError } from '../../shared/errors.ts';
import { type AttemptEnd, type AttemptPlan, runAttempt } from '../upstream/attempt.ts';
import type { ActiveRequest } from './active-request.ts';
import type { HeldBody } from './arrival/body.ts';
import { providerAnswered } from './attempts/record-attempt.ts';
import { keepWarm } from './open-stream.ts';
import { type ServedRequest, withParameters } from './parameters.ts';
import { type PreparedRequest, prepareAttempt } from './prepare-attempt.ts';
import { refusedIn } from './refused-parameters.ts';
import { anotherIsUsable } from './targets/candidate.ts';
import type { Choice } from './targets/target-choice.ts';

type TargetChoice = Extract<Choice, { kind: 'target' }>;

/** The request without the parameters of the configuration that this target is known not to take. */
export async function takenBy(
  request: ActiveRequest,
  model: ModelConfig,
  served: ServedRequest,
  { provider, target }: TargetChoice,
): Promise<ServedRequest> {
  const refused = request.plane.refusedParameters.of(provider, target);
  return refused.length === 0 ? served : withParameters(request, model, served.original, refused);
}

/** Makes the attempt. What an edit of our own has caused is asked again without it, once, and never shown. */
export async function makeAttempt(
  request: ActiveRequest,
  model: ModelConfig,
  choice: TargetChoice,
  served: ServedRequest,
  prepared: PreparedRequest,
  body: HeldBody,
): Promise<AttemptEnd> {
  const { plane } = request;
  const run = (sent: ServedRequest, ready: PreparedRequest) =>
    runAttempt(attemptPlan(request, model, choice, sent.arrived.outline, ready), plane.tools);
  const end = await run(served, prepared);
  if (end.kind !== 'failed' || request.cancellation.reason !== null) return end;
  const { error } = end.failure;
  if (error === undefined) return end;
  if (prepared.asksUsage && prepared.codec.outbound.usageWish?.isRefusedBy(error) === true) {
    plane.usageRefused(choice.provider);
    const again = prepare(request, served, choice, body);
    return again instanceof GatewayError ? end : run(served, again);
  }
  const refused = refusedIn(error, served.set);
  if (refused.length === 0) return end;
  const known = plane.refusedParameters.of(choice.provider, choice.target);
  const fewer = await withParameters(request, model, served.original, [...known, ...refused]);
  const again = prepare(request, fewer, choice, body);
  if (again instanceof GatewayError) return end;
  const endWithout = await run(fewer, again);
  // What fails without them too was not about them.
  if (endWithout.kind !== 'failed') noteRefused(request, choice, refused);
  return endWithout;
}

/** The operator is told once for each target: the configuration asks for what has no effect there. */
function noteRefused({ plane, id }: ActiveRequest, { provider, target }: TargetChoice, names: readonly string[]): void {
  plane.refusedParameters.add(provider, target, names);
  const text = `${provider.name}/${target.model} does not take the configured default of ${names.join(', ')}: it is left out`;
  plane.log.warn({ id, provider: provider.name, upstreamModel: target.model }, text);
}

/** The request as the target gets it, or the error if its dialect cannot express it or our own code failed. */
export function prepare(
  request: ActiveRequest,
  { arrived, dropped }: ServedRequest,
  { provider, target }: TargetChoice,
  body: HeldBody,
): PreparedRequest | GatewayError {
  try {
    const prepared = prepareAttempt(request, arrived, provider, target);
    const made = prepared.outgoing.body;
    const edited = arrived.bytes === body.bytes ? 0 : arrived.bytes.length;
    body.alsoHold(edited + (made === arrived.bytes ? 0 : made.length));
    return dropped.length === 0 ? prepared : { ...prepared, droppedParams: [...dropped, ...prepared.droppedParams] };
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
function patience(request: ActiveRequest, model: ModelConfig, { timeouts }: TargetConfig): number | null {
  if (model.targets.length === 1 || !anotherIsUsable(request, model)) return null;
  return request.stream ? timeouts.moveOnMs : (timeouts.totalMs - request.elapsedMs()) / 2;
}
