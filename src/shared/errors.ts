/**
 * Every error that a client of the data port can get from the gateway itself: one class, one table. Errors of a
 * provider that go back unchanged (its 4xx) are not here.
 */

interface ErrorKind {
  readonly status: number;
  /** OpenAI's `error.type`. */
  readonly type: string;
  /**
   * Whether trying again could help. `false` becomes `x-should-retry: false`: the official SDKs would send the whole
   * request again, after every attempt here is spent.
   */
  readonly retryable: boolean;
}

const invalid = { status: 400, type: 'invalid_request_error', retryable: false } as const;

/** Code → what the client sees. A code is a promise to clients: it keeps its meaning. */
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
  /** The request's field that is wrong, as OpenAI's `error.param`. */
  readonly param?: string;
  /** When to come back, in ms; becomes Retry-After, rounded up to seconds. */
  readonly retryAfterMs?: number;
  /** What lies behind it. Logged, never sent to a client. */
  readonly cause?: unknown;
}

/** An error with its place in the table. `message` is for the client and must hold nothing secret. */
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

/** What was thrown, if it is one of ours; anything else is a fault of our own, told as `internal_error`. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal_error', 'The gateway failed to serve this request.', { cause: thrown });
}
