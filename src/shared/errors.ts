/**
 * All errors that a client of the data port can get from the gateway itself: one class, one table. A provider's errors
 * that are returned unchanged (its 4xx) are not here.
 */

interface ErrorKind {
  readonly status: number;
  /** OpenAI's `error.type`. */
  readonly type: string;
  /**
   * Whether another request could succeed. `false` becomes the header `x-should-retry: false`. Without it, the official
   * SDKs would repeat the whole request after the gateway has made all its attempts.
   */
  readonly retryable: boolean;
}

const invalid = { status: 400, type: 'invalid_request_error', retryable: false } as const;

/** Code → what the client gets. Codes are a contract with clients and keep their meaning. */
const errorTable = {
  invalid_json: invalid,
  invalid_value: invalid,
  missing_parameter: invalid,
  unsupported_parameter: invalid,
  invalid_api_key: { status: 401, type: 'invalid_request_error', retryable: false },
  model_not_found: { status: 404, type: 'invalid_request_error', retryable: false },
  not_found: { status: 404, type: 'invalid_request_error', retryable: false },
  method_not_allowed: { status: 405, type: 'invalid_request_error', retryable: false },
  request_timeout: { status: 408, type: 'invalid_request_error', retryable: true },
  body_too_large: { status: 413, type: 'invalid_request_error', retryable: false },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', retryable: false },
  rate_limited: { status: 429, type: 'rate_limit_error', retryable: true },
  internal_error: { status: 500, type: 'server_error', retryable: false },
  provider_auth: { status: 502, type: 'upstream_error', retryable: false },
  provider_error: { status: 502, type: 'upstream_error', retryable: false },
  provider_unreachable: { status: 502, type: 'upstream_error', retryable: false },
  provider_stream_cut: { status: 502, type: 'upstream_error', retryable: false },
  circuit_open: { status: 503, type: 'service_unavailable_error', retryable: true },
  overloaded: { status: 503, type: 'service_unavailable_error', retryable: true },
  draining: { status: 503, type: 'service_unavailable_error', retryable: true },
  metrics_unavailable: { status: 503, type: 'service_unavailable_error', retryable: true },
  provider_timeout: { status: 504, type: 'upstream_error', retryable: false },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorTable;

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
  readonly status: number;
  readonly type: string;
  readonly retryable: boolean;
  readonly param: string | null;
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    const kind = errorTable[code];
    this.code = code;
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
