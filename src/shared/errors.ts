/**
 * All errors that a client of the data port can get from the gateway itself: one class, one table. A provider's errors
 * that are returned unchanged (its 4xx) are not here.
 */

/**
 * Who has to act on an error. `client`: the caller's request or key. `policy`: a rule of the operator's (limits, budgets,
 * allowed models). `provider`: an upstream failed. `gateway`: this gateway, its host or its configuration.
 */
export const errorOwners = ['client', 'policy', 'provider', 'gateway'] as const;
export type ErrorOwner = (typeof errorOwners)[number];

interface ErrorKind {
  readonly owner: ErrorOwner;
  readonly status: number;
  /** OpenAI's `error.type`. */
  readonly type: string;
  /**
   * Whether another request could succeed. `false` becomes the header `x-should-retry: false`. Without it, the official
   * SDKs would repeat the whole request after the gateway has made all its attempts.
   */
  readonly retryable: boolean;
  /** When it happens, in a few words: for the generated reference. */
  readonly meaning: string;
}

const kind = (
  owner: ErrorOwner,
  status: number,
  type: string,
  retryable: boolean,
  meaning: string,
): Readonly<ErrorKind> => ({ owner, status, type, retryable, meaning });

const invalid = 'invalid_request_error';
const upstream = 'upstream_error';
const unavailable = 'service_unavailable_error';

/**
 * Code → what the client sees, and who has to act. A code is a promise to clients: it keeps its meaning. The same codes
 * and owners are the label values of `llm_request_errors_total` and stand in the request's log line.
 */
export const errorTable = {
  invalid_json: kind('client', 400, invalid, false, 'the body is not JSON'),
  invalid_content_encoding: kind('client', 400, invalid, false, 'the body is not what its Content-Encoding says'),
  invalid_value: kind('client', 400, invalid, false, 'a field has a wrong value'),
  missing_parameter: kind('client', 400, invalid, false, 'a required field is missing'),
  unsupported_parameter: kind('client', 400, invalid, false, 'the target cannot express a parameter'),
  unsupported_endpoint: kind(
    'client',
    404,
    invalid,
    false,
    'no provider of the model has such an API, or `passthrough` names none for it',
  ),
  request_rejected: kind('client', 400, invalid, false, 'the provider rejects this request; its own answer goes back'),
  context_length_exceeded: kind('client', 400, invalid, false, 'the prompt is too long for the model'),
  malformed_request: kind('client', 400, invalid, false, 'the request is no valid HTTP, or its path no valid URL'),
  previous_response_not_found: kind(
    'client',
    400,
    invalid,
    false,
    'no target is known to keep what the request goes on from, or that target is not available',
  ),
  invalid_api_key: kind('client', 401, invalid, false, 'the client has no valid key'),
  host_not_allowed: kind(
    'client',
    403,
    invalid,
    false,
    'without keys, the Host must be localhost, an IP address or a name without a dot',
  ),
  origin_not_allowed: kind('client', 403, invalid, false, 'without keys, pages of other origins are refused'),
  model_not_found: kind('client', 404, invalid, false, 'the model is not configured'),
  not_found: kind('client', 404, invalid, false, 'there is no such endpoint'),
  thread_not_found: kind(
    'client',
    404,
    invalid,
    false,
    'no target is known to keep the thread that the request goes on from, or that target is not available',
  ),
  response_not_found: kind('client', 404, invalid, false, 'no provider is known to keep the response'),
  method_not_allowed: kind('client', 405, invalid, false, 'the endpoint takes another method'),
  request_timeout: kind('client', 408, invalid, true, 'the head or the body did not come in time'),
  body_too_large: kind('client', 413, invalid, false, 'the body is larger than `server.max_body`'),
  unsupported_media_type: kind(
    'client',
    415,
    invalid,
    false,
    'the body is not of the media type that the endpoint takes',
  ),
  unsupported_content_encoding: kind(
    'client',
    415,
    invalid,
    false,
    'the body is packed in a way that is not known; Accept-Encoding names those that are',
  ),
  expectation_failed: kind('client', 417, invalid, false, 'the Expect header asks for what is not known'),
  websocket_not_supported: kind('client', 426, invalid, false, 'requests come by HTTP alone'),
  headers_too_large: kind('client', 431, invalid, false, 'the headers are larger than 16 KiB'),
  rate_limited: kind(
    'provider',
    429,
    'rate_limit_error',
    true,
    'all targets of the model cool down; the message says why each does',
  ),
  internal_error: kind('gateway', 500, 'server_error', false, 'the gateway failed; the log has the error'),
  unsupported_transfer_coding: kind('client', 501, invalid, false, 'the Transfer-Encoding is not just chunked'),
  provider_auth: kind('gateway', 502, upstream, false, 'the provider refuses the configured key'),
  provider_credentials: kind(
    'gateway',
    503,
    unavailable,
    true,
    'there are no valid credentials of the provider yet; the log says why they could not be fetched',
  ),
  provider_address: kind('gateway', 502, upstream, false, 'there is no such API at the configured `base_url`'),
  provider_untrusted: kind(
    'gateway',
    502,
    upstream,
    false,
    "the provider's certificate is for another name, or from an authority that `tls.ca` does not trust",
  ),
  proxy_failed: kind(
    'gateway',
    502,
    upstream,
    false,
    'the `proxy` on the way to the provider refuses, or does not answer',
  ),
  model_unavailable: kind('provider', 502, upstream, false, 'the provider does not serve the configured model'),
  provider_error: kind('provider', 502, upstream, false, 'the provider failed'),
  provider_unreachable: kind('provider', 502, upstream, false, 'the provider could not be reached'),
  provider_stream_cut: kind('provider', 502, upstream, false, 'the provider broke its stream off'),
  circuit_open: kind(
    'provider',
    503,
    unavailable,
    true,
    'no target can be asked, at least one because its circuit is open; the message says why of each',
  ),
  overloaded: kind('gateway', 503, unavailable, true, 'the gateway or its host has no room for the request'),
  draining: kind('gateway', 503, unavailable, true, 'the worker is stopping'),
  metrics_unavailable: kind('gateway', 503, unavailable, true, 'the primary does not answer'),
  provider_timeout: kind('provider', 504, upstream, false, 'the provider took too long'),
  client_deadline: kind(
    'client',
    504,
    'timeout_error',
    false,
    "the client's own timeout, which its SDK sends along, was nearly over",
  ),
  time_limit: kind('gateway', 504, upstream, false, 'a limit of the gateway ended the request'),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorTable;

/** Errors that come before the model of a request is known, or where none is meant. */
const withoutModel: ReadonlySet<string> = new Set<ErrorCode>([
  ...([
    'invalid_json',
    'invalid_content_encoding',
    'malformed_request',
    'invalid_api_key',
    'host_not_allowed',
  ] as const),
  ...(['origin_not_allowed', 'model_not_found', 'not_found', 'response_not_found', 'method_not_allowed'] as const),
  ...(['request_timeout', 'body_too_large', 'unsupported_media_type', 'unsupported_content_encoding'] as const),
  ...(['expectation_failed', 'websocket_not_supported', 'headers_too_large', 'unsupported_transfer_coding'] as const),
  'metrics_unavailable',
]);

/** With its owner, each error that a request for a configured model may end with. */
export const modelErrors: readonly (readonly [code: string, owner: ErrorOwner])[] = Object.entries(errorTable)
  .filter(([code]) => !withoutModel.has(code))
  .map(([code, { owner }]) => [code, owner]);

interface ErrorDetails {
  /** The invalid field of the request, as OpenAI's `error.param`. */
  readonly param?: string;
  /** When a retry makes sense, in ms from now; becomes Retry-After, rounded up to seconds. */
  readonly retryAfterMs?: number;
  /** The underlying error. It is logged and never sent to a client. */
  readonly cause?: unknown;
}

/** An error of the table. The client gets `message`, so it must not contain secrets. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  readonly owner: ErrorOwner;
  readonly status: number;
  readonly type: string;
  readonly retryable: boolean;
  readonly param: string | null;
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    const kind = errorTable[code];
    this.code = code;
    this.owner = kind.owner;
    this.status = kind.status;
    this.type = kind.type;
    this.retryable = kind.retryable;
    this.param = details.param ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

/** The thrown value if it is a `GatewayError`. Anything else is a bug and becomes `internal_error`. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal_error', 'The gateway failed to serve this request.', { cause: thrown });
}
