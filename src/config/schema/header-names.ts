/** Which headers a configuration may set for a provider, and which of those say nothing that is secret. Pure. */

/** For one connection only, or for the framing of a body (RFC 9110, 7.6.1). */
const ofTheConnection: ReadonlySet<string> = new Set([
  ...[
    'connection',
    'keep-alive',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'http2-settings',
  ],
  ...['content-length', 'content-encoding', 'expect', 'host'],
]);

const ofCredentials: ReadonlySet<string> = new Set([
  ...['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie', 'x-amz-security-token', 'x-amz-date'],
  ...['x-amz-content-sha256'],
]);

/** What the gateway says of each request, or passes on of its client's. */
const ofTheGateway: ReadonlySet<string> = new Set([
  ...['accept', 'accept-encoding', 'content-type', 'user-agent', 'x-request-id', 'traceparent', 'tracestate'],
  ...['idempotency-key', 'anthropic-version'],
]);

/** Identifiers and names of features, which help whoever reads a log: all others may be secrets. */
const plain: ReadonlySet<string> = new Set([
  ...['openai-organization', 'openai-project', 'openai-beta', 'anthropic-beta', 'http-referer', 'referer', 'x-title'],
  ...['x-goog-user-project', 'x-goog-api-client', 'origin'],
]);

/** What the name should be instead, as a fault says it; null if it may be set. */
export function whyNotSettable(name: string): string | null {
  const lower = name.toLowerCase();
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(lower)) return 'the name of a header';
  if (lower === 'proxy-authorization') return 'left out: credentials for the proxy stand in the URL of `proxy`';
  if (ofCredentials.has(lower))
    return "left out: the provider's key stands in `api_key`, and is sent as its type wants it";
  if (ofTheConnection.has(lower))
    return 'left out: it is for one connection or one body only, and the gateway sets it itself';
  if (ofTheGateway.has(lower)) return 'left out: the gateway sets it itself, or passes on what the client sends';
  return null;
}

/** Whether its values are no secrets, so that they may stand in a log. @param name in lower case */
export function isPlainHeader(name: string): boolean {
  return plain.has(name);
}
