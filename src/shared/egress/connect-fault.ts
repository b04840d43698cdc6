/**
 * Why no connection to a provider was made, where more is known than that: what its proxy did, what its certificate is.
 * Both the data path and the live check read errors by it, so that both say the same. Pure.
 */

/** What stands in the way. */
const connectReasons = [
  /** No connection to the proxy itself, or no answer from it. */
  'proxy-unreachable',
  /** It wants other credentials. */
  'proxy-auth',
  /** Its rules forbid that address. */
  'proxy-refused',
  /** It tried, and did not reach the address. */
  'proxy-failed',
  'certificate-name',
  'certificate-untrusted',
  'certificate-expired',
  /** The provider wants a certificate of ours, or another one. */
  'client-certificate',
  /** What listens there does not speak TLS. */
  'no-tls',
  /** Any other failure of the handshake. */
  'tls',
] as const;
export type ConnectReason = (typeof connectReasons)[number];

/** A reason from a word that may be something else, such as an attempt's end; null if it is none. */
export function asConnectReason(word: string | null): ConnectReason | null {
  return connectReasons.find((reason) => reason === word) ?? null;
}

/** What a proxy did instead of a connection; its message says more. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly reason: ConnectReason;

  constructor(reason: ConnectReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}

/** What the status says with which a proxy refuses to connect (RFC 9110, 9.3.6). */
export function reasonOfProxyStatus(status: number): ConnectReason {
  if (status === 407) return 'proxy-auth';
  return status >= 500 ? 'proxy-failed' : 'proxy-refused';
}

/** OpenSSL's words for a chain that leads to nobody who is trusted. */
const untrusted: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);

/** Whether an error's code says that the certificate that was shown is not trusted, or is for another name. */
export function isOfCertificate(code: string): boolean {
  return code.startsWith('ERR_TLS') || code.includes('CERT') || code.startsWith('UNABLE_TO_');
}

/** Alerts by which a server says that it wants a certificate of ours, or another one; a handshake failure in TLS 1.2. */
const ofOurCertificate =
  /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|NO_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(?:EXPIRED|REVOKED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)$/;

/** Null where an error says no more than that there was no connection. */
export function connectReason(error: unknown): ConnectReason | null {
  if (error instanceof ProxyError) return error.reason;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (typeof code !== 'string') return null;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') return 'certificate-name';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'certificate-expired';
  if (untrusted.has(code)) return 'certificate-untrusted';
  const word = opensslWord(code, (error as Error).message);
  if (word === null) return null;
  if (ofOurCertificate.test(word)) return 'client-certificate';
  return /_(?:WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG)$/.test(word) ? 'no-tls' : 'tls';
}

/** An error's words without Node's advice on how to start it, which is none for a gateway: a provider's `tls.ca` is. */
export function withoutNodesAdvice(message: string): string {
  return message.replace(/; if the root CA is installed locally[^;]*--use-system-ca$/, '');
}

/** OpenSSL's reason as Node writes it in codes; where a write has failed, it stands in the message only. */
function opensslWord(code: string, message: string): string | null {
  if (code.startsWith('ERR_SSL_')) return code;
  const reason = code === 'EPROTO' ? /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] : undefined;
  return reason === undefined ? null : `ERR_SSL_${reason.replaceAll(' ', '_').toUpperCase()}`;
}

/**
 * The cause and the cure in one sentence, for operators.
 *
 * @param who how it calls the provider, such as `provider openai`
 * @param address the provider's, such as `api.openai.com:443`
 */
export function connectAdvice(reason: ConnectReason, who: string, address: string): string {
  return `${obstacleOf(reason, who, address)}: ${connectCure(reason)}`;
}

function obstacleOf(reason: ConnectReason, who: string, address: string): string {
  switch (reason) {
    case 'proxy-unreachable':
      return `the proxy on the way to ${who} does not answer`;
    case 'proxy-auth':
      return `the proxy on the way to ${who} wants other credentials`;
    case 'proxy-refused':
      return `the proxy on the way to ${who} does not allow ${address}`;
    case 'proxy-failed':
      return `the proxy on the way to ${who} does not reach ${address}`;
    case 'certificate-name':
      return `the certificate of ${who} is not for ${address}`;
    case 'certificate-untrusted':
      return `the certificate of ${who} comes from an authority that is not trusted here`;
    case 'certificate-expired':
      return `the certificate of ${who} has expired, or is not valid yet`;
    case 'client-certificate':
      return `${who} does not take the certificate of this gateway, or wants one`;
    case 'no-tls':
      return `${who} does not speak TLS at ${address}`;
    case 'tls':
      return `no TLS connection to ${who} at ${address} can be agreed on`;
    default:
      return reason satisfies never;
  }
}

/**
 * What the operator does about it, without a capital and a full stop.
 *
 * @param provider its name, where the words before it do not say whose settings are meant
 */
export function connectCure(reason: ConnectReason, provider: string | null = null): string {
  const its = provider === null ? 'its' : `${provider}'s`;
  switch (reason) {
    case 'proxy-unreachable':
      return `correct ${its} proxy (or HTTPS_PROXY, HTTP_PROXY), or set "proxy: none"`;
    case 'proxy-auth':
      return `write valid ones into the URL of ${its} proxy, as http://USER:PASSWORD@HOST:PORT`;
    case 'proxy-refused':
      return `change the rules of ${its} proxy, or set "proxy: none"`;
    case 'proxy-failed':
      return `look whether ${its} base_url is right, and its server up`;
    case 'certificate-name':
      return `correct ${its} base_url, or set tls.server_name`;
    case 'certificate-untrusted':
      return `set ${its} tls.ca to the certificate of that authority`;
    case 'certificate-expired':
      return `have ${its} owner renew the certificate, if the clock of this host is right`;
    case 'client-certificate':
      return `set ${its} tls.cert and tls.key`;
    case 'no-tls':
      return `write http:// in ${its} base_url`;
    case 'tls':
      return 'look at the reason';
    default:
      return reason satisfies never;
  }
}
