/**
 * What of the operator's configuration an error is about. The owner of such an error is the gateway, which has the
 * configuration, or the provider, which refuses it; neither says that a person has to correct a line of it. Pure.
 */
import { asConnectReason } from './egress/connect-fault.ts';
import type { ErrorCode } from './errors.ts';

const parts: Readonly<Partial<Record<ErrorCode, string>>> = {
  provider_auth: 'the key of',
  provider_credentials: 'the credentials of',
  provider_address: 'base_url of',
  provider_untrusted: 'tls.ca or base_url of',
  proxy_failed: 'the proxy of',
  model_unavailable: 'the model of the target at',
};

/**
 * Such as `the key of openai`; null for an error that no setting causes.
 *
 * @param provider `unknown` where none was asked, since all were left out
 * @param end how the last attempt ended, as in `x-headgate-attempts`
 */
export function operatorPart(code: ErrorCode, provider: string, end: string | null): string | null {
  const part = asConnectReason(end) === 'client-certificate' ? 'tls.cert and tls.key of' : parts[code];
  return part === undefined ? null : `${part} ${provider === 'unknown' ? "the model's providers" : provider}`;
}
