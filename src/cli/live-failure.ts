/**
 * What a target's failure in the live check means, as a word for programs and a sentence for people that says what to do.
 * Answers are judged as on the data path. Pure.
 */
import type { HubOutbound } from '../dialects/types.ts';
import { classify } from '../shared/classify.ts';
import type { ProviderConfig, TargetConfig } from '../shared/config.ts';
import { addressInWords, baseAddress } from '../shared/egress/base-address.ts';
import {
  type ConnectReason,
  connectAdvice,
  connectReason,
  reasonOfProxyStatus,
  withoutNodesAdvice,
} from '../shared/egress/connect-fault.ts';
import { proxyFor } from '../shared/egress/proxy-rules.ts';

/** Stable: scripts compare it. */
export type LiveCause =
  | ConnectReason
  | 'name'
  | 'connect'
  | 'timeout'
  | 'key'
  | 'forbidden'
  | 'model'
  | 'path'
  | 'rate-limit'
  | 'quota'
  | 'server-error'
  | 'refused'
  /** None could be fetched. */
  | 'credentials'
  | 'wrong-form'
  /** The model is not one for chats: nothing is wrong. */
  | 'no-chat';

export interface LiveFailure {
  readonly cause: LiveCause;
  /** Of the answer; null where there was none. */
  readonly status: number | null;
  /** The cause in words, with the provider's own where it sent some: those may quote a secret. */
  readonly message: string;
  /** What to do. */
  readonly cure: string;
}

/** The failure of a request that got no answer. @param error from got */
export function failureByError(error: Error, provider: ProviderConfig): LiveFailure {
  const code = codeOf(error);
  const address = addressInWords(provider.baseUrl);
  const at = `providers.${provider.name}`;
  const reason = reasonOf(error, code, provider);
  if (reason !== null) {
    const message = wordsOf(error);
    return { cause: reason, status: null, message, cure: connectAdvice(reason, `provider ${provider.name}`, address) };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const cure = `correct ${at}.base_url, or the resolver of this host`;
    return { cause: 'name', status: null, message: `no address is known for ${address} (${code})`, cure };
  }
  if (code === 'ETIMEDOUT') {
    const cure = `look whether a firewall is in between, or set ${at}.timeouts`;
    return { cause: 'timeout', status: null, message: `${address} did not answer in time`, cure };
  }
  const cure = `look whether ${at}.base_url is right, and its server up`;
  return { cause: 'connect', status: null, message: `no connection to ${address} (${code})`, cure };
}

/** With a proxy, an error of the connection is one of the connection to the proxy. */
function reasonOf(error: Error, code: string, { baseUrl, proxy }: ProviderConfig): ConnectReason | null {
  const cause = error.cause instanceof Error ? error.cause : error;
  if (code === 'ERR_PROXY_TUNNEL') {
    const status = 'statusCode' in cause && typeof cause.statusCode === 'number' ? cause.statusCode : null;
    return status === null ? 'proxy-unreachable' : reasonOfProxyStatus(status);
  }
  const known = connectReason(cause) ?? connectReason(error);
  if (known !== null) return known;
  const { origin, socketPath } = baseAddress(baseUrl);
  const isProxied = socketPath === null && proxy !== undefined && proxyFor(proxy, new URL(origin)) !== null;
  return isProxied && code !== 'ETIMEDOUT' ? 'proxy-unreachable' : null;
}

/** The failure of a request that got another status than 200. */
export function failureByStatus(
  status: number,
  body: Buffer,
  dialect: HubOutbound,
  provider: ProviderConfig,
  { model }: TargetConfig,
): LiveFailure {
  const { subject, quota, message: own } = dialect.readError(status, body);
  const said = own.replace(/\s+/g, ' ').trim().slice(0, 200);
  const message = said === '' ? `${status}` : `${status} ${said}`;
  const { code } = classify({ kind: 'status', status, quota, subject });
  const fail = (cause: LiveCause, cure: string): LiveFailure => ({ cause, status, message, cure });
  const at = `providers.${provider.name}`;
  const address = addressInWords(provider.baseUrl);
  if (subject === 'endpoint') return fail('no-chat', 'nothing: the model is not one for chats');
  switch (code) {
    case 'proxy_failed':
      return fail('proxy-auth', connectAdvice('proxy-auth', `provider ${provider.name}`, address));
    case 'provider_auth':
      return fail('key', `correct the credentials of ${at}`);
    case 'model_unavailable':
      return fail('model', `correct the model ${model}, or ask ${provider.name} for access to it`);
    case 'provider_address':
      return fail('path', `correct ${at}.base_url: there is no such API at ${provider.baseUrl}`);
    case 'rate_limited':
      if (quota) return fail('quota', `look at the credit and limits of the account of ${provider.name}`);
      return fail('rate-limit', `try again later; more keys or targets spread the load`);
    case 'provider_error':
      return fail('server-error', `try again later, or look at the status page of ${provider.name}`);
    default:
      if (status === 403) return fail('forbidden', `look at what the key of ${at} may do, and from where`);
      if (status === 404) return fail('path', `correct ${at}.base_url or the model ${model}`);
      return fail('refused', `look at the provider's words: ${model} may not take plain chats`);
  }
}

/** The failure of a provider whose credentials could not be fetched. */
export function withoutCredentials({ message }: Error, { name }: ProviderConfig): LiveFailure {
  const cure = `look at the credentials of providers.${name} and where they come from`;
  return { cause: 'credentials', status: null, message: `without credentials: ${message}`, cure };
}

/** The failure of a 200 that is no answer. */
export function wrongForm({ name, baseUrl }: ProviderConfig): LiveFailure {
  const message = '200, but its body is no answer to a chat';
  return { cause: 'wrong-form', status: 200, message, cure: `correct providers.${name}.base_url: ${baseUrl}` };
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'an error';
}

/** The first line of an error's words; OpenSSL's own without the place in its source. */
function wordsOf(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : error;
  const reason = 'reason' in cause && typeof cause.reason === 'string' ? cause.reason : cause.message;
  return withoutNodesAdvice(reason.split('\n')[0] ?? '').slice(0, 200);
}
