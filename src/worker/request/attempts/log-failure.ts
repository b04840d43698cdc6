/**
 * What the operator is told of a failed attempt.
 */
import { addressInWords } from '../../../shared/egress/base-address.ts';
import { type ConnectReason, connectAdvice, withoutNodesAdvice } from '../../../shared/egress/connect-fault.ts';
import type { Judgement } from '../../../shared/judgements.ts';
import { DEFAULT_KEY } from '../../../shared/provider-keys.ts';
import type { AttemptFailure } from '../../upstream/attempt-failure.ts';
import { ownLack } from '../../upstream/own-lack.ts';
import type { ActiveRequest } from '../active-request.ts';
import type { MadeAttempt } from './record-attempt.ts';

/** Logs a failed attempt: an error where the operator has to act, a warning for what the host lacks, else for debugging. */
export function logFailure(
  request: ActiveRequest,
  { target: { provider, model }, key }: Pick<MadeAttempt, 'target' | 'key'>,
  failure: AttemptFailure,
  judgement: Judgement,
): void {
  const { cause, error } = failure;
  const details = {
    id: request.id,
    provider,
    providerKey: key,
    upstreamModel: request.upstreamModel(model),
    outcome: judgement.outcome,
    providerCode: error?.code ?? null,
    reason: cause instanceof Error ? withoutNodesAdvice(cause.message) : null,
  };
  const { log } = request.plane;
  switch (judgement.notice) {
    case null:
      log.debug(details, 'attempt failed');
      break;
    case 'refused-key': {
      const which = key === DEFAULT_KEY ? 'our API key' : `our API key ${key}`;
      log.error(details, `provider ${provider} refuses ${which}: check it in the configuration`);
      break;
    }
    case 'wrong-address': {
      const baseUrl = request.config.providers[provider]?.baseUrl;
      const message = `provider ${provider} has no API at ${baseUrl}: correct its base_url in the configuration`;
      log.error({ ...details, baseUrl }, message);
      break;
    }
    case 'missing-model':
      log.error(details, `provider ${provider} does not serve ${model}: correct the target in the configuration`);
      break;
    case 'no-credentials':
      logWithout(request, details);
      break;
    case 'host-lack':
      logLack(request, details, cause);
      break;
    case 'egress':
      log.error(details, connectAdvice(reasonOf(failure), `provider ${provider}`, addressOf(request, provider)));
      break;
    default:
      judgement.notice satisfies never;
  }
}

/** A 407 is a proxy's, even if it came like an answer. */
function reasonOf({ fault }: AttemptFailure): ConnectReason {
  return (fault.kind === 'connection' ? fault.reason : null) ?? 'proxy-auth';
}

function addressOf({ config }: ActiveRequest, provider: string): string {
  const baseUrl = config.providers[provider]?.baseUrl;
  return baseUrl === undefined ? provider : addressInWords(baseUrl);
}

/** All requests to the provider lack them at the same time. */
function logWithout(
  request: ActiveRequest,
  details: { readonly provider: string; readonly reason: string | null },
): void {
  const withheld = request.plane.credentialsLog.pass();
  if (withheld === null) return;
  const message = `provider ${details.provider} was not asked, or refused: no valid credentials of it could be fetched`;
  request.plane.log.error({ ...details, withheld }, message);
}

/** All requests lack the same at the same time, so that each line would say it again. */
function logLack(request: ActiveRequest, details: object, cause: unknown): void {
  const withheld = request.plane.lackLog.pass();
  if (withheld === null) return;
  const lack = cause instanceof Error ? (ownLack(cause) ?? cause.message) : null;
  request.plane.log.warn({ ...details, lack, withheld }, `this host lacks what a request needs: ${lack}`);
}
