/**
 * Answers with an error of our own where no target was asked, or where the gateway itself ended the attempt: why, and how
 * it is counted.
 */
import { GatewayError } from '../../shared/errors.ts';
import type { RejectReason } from '../../shared/events.ts';
import type { ActiveRequest } from './active-request.ts';
import { isHurriedByClient } from './client-deadline.ts';
import { deliverError } from './reply.ts';
import type { Choice } from './targets/target-choice.ts';

const ITS_TIMEOUT = "The client's own timeout (x-stainless-timeout) is nearly over";

/** Why there is no target to ask. */
export function nothingAvailable(
  request: ActiveRequest,
  { soonestMs, why }: Extract<Choice, { kind: 'none' }>,
): GatewayError {
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
      if (request.model?.targets.some((target) => isHurriedByClient(request, target)) === true) {
        return new GatewayError('client_deadline', `${ITS_TIMEOUT}, before a provider could be asked.`);
      }
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
