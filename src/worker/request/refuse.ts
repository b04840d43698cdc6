/**
 * Answers with an error of our own where no target was asked, or where the gateway itself ended the attempt: why, and how
 * it is counted.
 */
import { GatewayError } from '../../shared/errors.ts';
import type { RejectReason } from '../../shared/events.ts';
import { type LeftOut, leftOutInWords } from '../../shared/left-out.ts';
import type { ActiveRequest } from './active-request.ts';
import { isHurriedByClient } from './client-deadline.ts';
import { deliverError } from './reply.ts';
import type { Choice } from './targets/target-choice.ts';

const ITS_TIMEOUT = "The client's own timeout (x-stainless-timeout) is nearly over";

/** Why there is no target to ask. The message says it of each: of several that differ, the code can only say one. */
export function nothingAvailable(
  request: ActiveRequest,
  { leftOut, why }: Extract<Choice, { kind: 'none' }>,
): GatewayError {
  const message = `No provider of this model is available: ${leftOutInWords(leftOut)}.`;
  const details = { retryAfterMs: soonestMs(leftOut) };
  switch (why) {
    case 'keys':
      return new GatewayError('provider_auth', message);
    case 'models':
      return new GatewayError('model_unavailable', message);
    case 'cooldowns':
      return new GatewayError('rate_limited', message, details);
    case 'circuits':
      return new GatewayError('circuit_open', message, details);
    case 'time':
      if (request.model?.targets.some((target) => isHurriedByClient(request, target)) === true) {
        return new GatewayError('client_deadline', `${ITS_TIMEOUT}, before a provider could be asked.`);
      }
      return new GatewayError('time_limit', "The request's time was over before a provider could be asked.");
    default:
      return why satisfies never;
  }
}

/** When the first of them may answer again. A key that was refused, or a model that is not there, does not come by waiting. */
function soonestMs(leftOut: readonly LeftOut[]): number {
  const passing = leftOut.filter(({ reason }) => reason !== 'auth' && reason !== 'model');
  return passing.length === 0 ? 1000 : Math.min(...passing.map(({ remainingMs }) => remainingMs));
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
  client_deadline: 'no_target',
  model_not_found: 'unknown_model',
  not_found: 'unknown_model',
};

/** Sends an error for a request without an attempt (or with an attempt that the gateway itself ended). */
export function refuse(request: ActiveRequest, thrown: unknown): void {
  const error =
    thrown instanceof GatewayError
      ? thrown
      : new GatewayError('internal_error', 'The gateway failed to serve this request.', { cause: thrown });
  if (error.code === 'internal_error')
    request.plane.log.error({ id: request.id, key: request.principal?.keyName, err: error.cause }, 'request failed');
  else if (request.history.isEmpty) {
    request.plane.outbox.push({ type: 'rejected', reason: rejections[error.code] ?? 'validation' });
  }
  deliverError(request, error);
}
