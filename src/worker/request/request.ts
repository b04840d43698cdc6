/**
 * Serves one request, from admission to delivery:
 *
 *   serveChatCompletion
 *   ├─ admit             key, media type, limits, body        → refuse: an answer of our own, no attempt
 *   ├─ readChatRequest   fields                               → refuse
 *   ├─ route             model → ordered targets              → refuse
 *   └─ tryTargets        until there is an answer, a stream or a final failure
 *       ├─ chooseTarget    circuits, cooldowns, budget, back-off; → refuse if none can be asked at all
 *       ├─ translate       into the dialect of the target's provider
 *       ├─ beginAttempt    events: retry, failover
 *       ├─ runAttempt      one exchange with one target
 *       ├─ judge           a failure: classify → attempt-ended, cooldown-started, a log line; then the next target
 *       │
 *       │   each of these counts the request's end, then sends the terminal:
 *       ├─ deliverAnswer   the whole body
 *       ├─ deliverStream   commit: from here no other attempt is possible, and nothing returns to the loop
 *       └─ deliverFailure  the last failure, in the form that the table of outcomes defines
 */

import { translatorFor } from '../../providers/registry.ts';
import type { UpstreamRequest } from '../../providers/types.ts';
import type { ModelConfig, ProviderConfig, TargetConfig } from '../../shared/config.ts';
import { asGatewayError, GatewayError } from '../../shared/errors.ts';
import type { RejectReason } from '../../shared/events.ts';
import type { ChatOutline } from '../../wire/chat-completion.ts';
import { JsonFault } from '../../wire/json-scan.ts';
import { RequestScanner } from '../../wire/request-scan.ts';
import { checkLoad } from '../policies/admission.ts';
import { type AttemptPlan, runAttempt } from '../upstream/attempt.ts';
import type { ActiveRequest } from './active-request.ts';
import { type BodyWatcher, ClientGoneError, type HeldBody, readBody } from './arrival/body.ts';
import {
  chatShape,
  choicesOf,
  hasStop,
  type ReadRequest,
  readChatRequest,
  scanError,
  wantsUsage,
} from './arrival/validate.ts';
import { judge } from './attempts/judge.ts';
import { beginAttempt, providerAnswered, recordSuccess } from './attempts/record-attempt.ts';
import { deliverStream } from './relay.ts';
import { deliverAnswer, deliverError, deliverFailure } from './reply.ts';
import { anotherIsUsable } from './targets/candidate.ts';
import { type Choice, chooseTarget, firstChoice, releaseLease } from './targets/target-choice.ts';
import { upstreamHeaders } from './upstream-headers.ts';

/** Serves one chat completion. Resolves when its end is decided, good or bad. Never rejects. */
export async function serveChatCompletion(request: ActiveRequest): Promise<void> {
  const { plane, cancellation } = request;
  plane.open.add(request);
  let body: HeldBody | null = null;
  try {
    const scanner = new RequestScanner(chatShape);
    body = await admit(request, scanner);
    const read = readChatRequest(body.bytes, scanner);
    const model = route(request, read.outline);
    await tryTargets(request, model, read, body);
  } catch (error) {
    if (error instanceof JsonFault) refuse(request, scanError(error));
    else if (request.bodyFault !== null) refuse(request, request.bodyFault);
    else if (error instanceof ClientGoneError || cancellation.reason === 'client-gone') request.abandon();
    else refuse(request, error);
  } finally {
    body?.release();
  }
}

/** Checks the request and reads its body. Throws if the body is not read at all; rejects as `readBody` does. */
function admit(request: ActiveRequest, watcher: BodyWatcher): Promise<HeldBody> {
  const { plane, incoming, config } = request;
  const length = incoming.headers['content-length'];
  const load = { inFlight: plane.open.size - 1, bufferedBytes: plane.held.bytes };
  plane.authenticate(incoming.headers.authorization);
  if (!/^application\/json\s*(;|$)/i.test(incoming.headers['content-type'] ?? '')) {
    throw new GatewayError('unsupported_media_type', 'The content-type should be application/json.');
  }
  if ((incoming.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new GatewayError('unsupported_media_type', 'The body should be sent without content-encoding.');
  }
  checkLoad(config.server, load, length === undefined ? null : Number(length));
  return readBody(incoming, { server: config.server, meter: plane.held, timers: plane.tools.timers, watcher });
}

function route(request: ActiveRequest, chat: ChatOutline): ModelConfig {
  const { models } = request.config;
  const model = Object.hasOwn(models, chat.model) ? models[chat.model] : undefined;
  if (model === undefined) {
    request.plane.outbox.push({ type: 'label-overflow', label: 'model' });
    throw new GatewayError(
      'model_not_found',
      'The model is not known to this gateway. GET /v1/models lists the known ones.',
      {
        param: 'model',
      },
    );
  }
  request.routed(model, chat.stream === true);
  return model;
}

/** Makes attempts until there is a result, then delivers it. */
async function tryTargets(
  request: ActiveRequest,
  model: ModelConfig,
  read: ReadRequest,
  body: HeldBody,
): Promise<void> {
  let untranslatable: GatewayError | null = null;
  for (;;) {
    const choice = firstChoice(request, model) ?? (await chooseTarget(request, model));
    if (request.cancellation.reason !== null) return cancelled(request);
    if (choice.kind === 'none') {
      const { lastFailure } = request.history;
      if (lastFailure !== null) return deliverFailure(request, lastFailure);
      throw untranslatable ?? nothingAvailable(choice);
    }
    const { target, provider } = choice;
    const upstream = translate(provider, target, read, body);
    if (upstream instanceof GatewayError) {
      untranslatable ??= upstream;
      request.history.skip(choice.index);
      releaseLease(request, choice);
      continue;
    }
    const attempt = beginAttempt(request, choice, body, upstream.droppedParams);
    request.waiting.start();
    const end = await runAttempt(attemptPlan(request, model, choice, read.outline, upstream), request.plane.tools);
    request.waiting.stop();
    switch (end.kind) {
      case 'answer':
        recordSuccess(request, attempt);
        return deliverAnswer(request, end);
      case 'stream':
        return deliverStream(request, attempt, end);
      case 'failed':
        judge(request, attempt, end.failure);
        if (request.cancellation.reason === null) continue;
        return cancelled(request);
      default:
        end satisfies never;
    }
  }
}

/** The upstream request, or the error if the dialect cannot express the request or our own code failed. */
function translate(
  provider: ProviderConfig,
  { model, maxTokens }: TargetConfig,
  { outline, modelAt, whole }: ReadRequest,
  body: HeldBody,
): UpstreamRequest | GatewayError {
  try {
    const { bytes } = body;
    const input = { outline, whole, bytes, modelAt, model, maxTokens };
    const upstream = translatorFor(provider.type).request(input, provider.apiKey);
    body.alsoHold(upstream.body === bytes ? 0 : upstream.body.length);
    return upstream;
  } catch (thrown) {
    return asGatewayError(thrown);
  }
}

function attemptPlan(
  request: ActiveRequest,
  model: ModelConfig,
  { target, provider, lease }: Extract<Choice, { kind: 'target' }>,
  chat: ChatOutline,
  upstream: UpstreamRequest,
): AttemptPlan {
  const createdAt = Math.floor(request.plane.clock.wallMs() / 1000);
  return {
    provider,
    target,
    translator: translatorFor(provider.type),
    outgoing: { path: upstream.path, headers: upstreamHeaders(request, upstream.headers), body: upstream.body },
    context: {
      model: chat.model,
      includeUsage: wantsUsage(chat),
      createdAt,
      choices: choicesOf(chat),
      hasStopSequences: hasStop(chat),
    },
    stream: request.stream,
    patienceMs: patience(request, model, target),
    deadlineMs: request.startedMs + target.timeouts.totalMs,
    cancellation: request.cancellation,
    answerBytes: request.answerBytes,
    answered: lease === null ? null : () => providerAnswered(request, target, lease),
  };
}

/**
 * How long one target may take for a plain request while another target can be used: half of the remaining time. Null
 * for a stream, and where no other target can be used. A plain answer's headers arrive only when it is finished, so only
 * a time limit can distinguish a provider that hangs from one that is working.
 */
function patience(request: ActiveRequest, model: ModelConfig, target: TargetConfig): number | null {
  if (request.stream || !anotherIsUsable(request, model)) return null;
  return (target.timeouts.totalMs - request.elapsedMs()) / 2;
}

function cancelled(request: ActiveRequest): void {
  if (request.cancellation.reason === 'client-gone') request.abandon();
  else throw new GatewayError('draining', 'The gateway is being stopped.', { retryAfterMs: 1000 });
}

function nothingAvailable({ soonestMs, why }: Extract<Choice, { kind: 'none' }>): GatewayError {
  const details = { retryAfterMs: soonestMs ?? 1000 };
  switch (why) {
    case 'keys':
      return new GatewayError('provider_auth', "The providers of this model refused the gateway's credentials.");
    case 'models':
      return new GatewayError('model_unavailable', 'No provider of this model serves it under its configured name.');
    case 'cooldowns':
      return new GatewayError('rate_limited', 'Every provider of this model is cooling down.', details);
    case 'circuits':
      return new GatewayError(
        'circuit_open',
        'No provider of this model is available: their circuits are open.',
        details,
      );
    case 'time':
      return new GatewayError('time_limit', "The request's time was over before a provider could be asked.");
    default:
      return why satisfies never;
  }
}

const rejections: Partial<Record<GatewayError['code'], RejectReason>> = {
  invalid_api_key: 'auth',
  body_too_large: 'body_too_large',
  overloaded: 'overload',
  draining: 'draining',
  rate_limited: 'rate_limit',
  circuit_open: 'no_target',
  provider_auth: 'no_target',
  model_unavailable: 'no_target',
  time_limit: 'no_target',
  model_not_found: 'unknown_model',
  not_found: 'unknown_model',
};

/** Sends an error for a request without an attempt (or with an attempt that the gateway itself ended). */
export function refuse(request: ActiveRequest, thrown: unknown): void {
  const error =
    thrown instanceof GatewayError
      ? thrown
      : new GatewayError('internal_error', 'The gateway failed to serve this request.', { cause: thrown });
  if (error.code === 'internal_error') request.plane.log.error({ id: request.id, err: error.cause }, 'request failed');
  else if (request.history.isEmpty) {
    request.plane.outbox.push({ type: 'rejected', reason: rejections[error.code] ?? 'validation' });
  }
  deliverError(request, error);
}
