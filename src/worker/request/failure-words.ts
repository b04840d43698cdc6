/** What a client is told of a failure: an error of ours, with the provider's own words where they help. */
import { type ErrorCode, GatewayError } from '../../shared/errors.ts';
import { boundedMessage } from '../../wire/error-body.ts';
import type { ErrorBody } from '../../wire/error-envelope.ts';
import type { AttemptFailure } from '../upstream/attempt-failure.ts';
import type { ActiveRequest } from './active-request.ts';
import { keysOf } from './targets/keys.ts';

/** What this host lacks it may have again in a moment; so are credentials, which are being fetched. */
const LACK_RETRY_AFTER_MS = 1000;
const lacking: ReadonlySet<ErrorCode> = new Set(['overloaded', 'provider_credentials']);

/** The error that the client gets for a failure, as an answer or as the last event of a stream. */
export function failureError(
  request: ActiveRequest,
  provider: string,
  failure: AttemptFailure,
  code: ErrorCode,
): GatewayError {
  const { fault, error, cause } = failure;
  const message =
    fault.kind === 'out-of-time'
      ? outOfTimeMessage(request, provider, fault.ofProviders)
      : failureMessage(provider, code, quoted(request, error?.message ?? ''));
  if (code === 'rate_limited')
    return new GatewayError(code, message, { retryAfterMs: cooldownMs(request, failure), cause });
  return new GatewayError(code, message, lacking.has(code) ? { retryAfterMs: LACK_RETRY_AFTER_MS, cause } : { cause });
}

/**
 * What the last event of a broken stream says: the provider's own type, code and words, by which clients know what to do;
 * no status says it there.
 */
export function eventError(request: ActiveRequest, { error }: AttemptFailure, ours: GatewayError): ErrorBody {
  if (error === undefined || ours.code === 'provider_auth') return ours;
  return error.message === '' ? ours : { ...error, message: quoted(request, error.message) };
}

/** A provider's message as a client may read it: a provider may quote its API key. */
export function quoted({ plane }: ActiveRequest, message: string): string {
  return boundedMessage(plane.redactor.redact(message));
}

/** How long the target still cools down: the Retry-After that the next request would get. */
function cooldownMs(request: ActiveRequest, failure: AttemptFailure): number {
  const target = request.history.lastFailure?.target;
  const provider = target && request.config.providers[target.provider];
  const state = provider && request.plane.gate.state(target.provider, target.model, keysOf(request, provider));
  return state?.kind === 'cooling-down' ? state.remainingMs : (failure.retryAfterMs ?? 1000);
}

/** Who had not answered comes first, then which limit that was. */
function outOfTimeMessage({ history }: ActiveRequest, provider: string, ofProviders: boolean): string {
  const totalMs = history.lastFailure?.target.timeouts.totalMs ?? 0;
  const limit = `the request's time of ${totalMs / 1000} s (timeouts.total) was over`;
  const before = ofProviders ? `; what was tried before had failed: ${history}` : '';
  return `The provider ${provider} had not answered when ${limit}${before}.`;
}

/** Includes the provider's own message, because it helps the reader; but not for a refused key, which it may quote. */
function failureMessage(provider: string, code: ErrorCode, message: string): string {
  const quote = message === '' ? '' : ` Its message: ${message}`;
  switch (code) {
    case 'provider_auth':
      return `The provider ${provider} refused the gateway's credentials.`;
    case 'provider_credentials':
      return `The gateway has no valid credentials for the provider ${provider} now.`;
    case 'provider_address':
      return `The configured address of the provider ${provider} is not that of its API.`;
    case 'provider_untrusted':
      return `The gateway does not trust the certificate of the provider ${provider}.`;
    case 'proxy_failed':
      return `The gateway's proxy on the way to the provider ${provider} refuses, or does not answer.`;
    case 'rate_limited':
      return `The provider ${provider} refused the request because of a rate limit or quota.${quote}`;
    case 'provider_timeout':
      return `The provider ${provider} took too long.`;
    case 'provider_unreachable':
      return `The provider ${provider} could not be reached.`;
    case 'overloaded':
      return `The gateway lacks what a request to ${provider} needs, such as memory or a connection.`;
    case 'model_unavailable':
      return `The provider ${provider} does not serve the configured model.${quote}`;
    case 'client_deadline':
      return `The provider ${provider} had not answered when the client's own timeout (x-stainless-timeout) was nearly over.`;
    case 'time_limit':
      return 'A time limit of the gateway ended the request.';
    case 'provider_stream_cut':
      return `The provider ${provider} stopped its answer before the end.`;
    default:
      return `The provider ${provider} failed.${quote}`;
  }
}
