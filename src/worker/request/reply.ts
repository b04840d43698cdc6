/**
 * Answers a request: headers, envelope, status. Every reply counts the end first and sends the answer once the events
 * of the end are delivered.
 */
import type { UpstreamError, Usage } from '../../providers/types.ts';
import { type ErrorCode, GatewayError } from '../../shared/errors.ts';
import { type TokenCounts, tokenTypes } from '../../shared/events.ts';
import { type ErrorBody, errorEnvelope } from '../../wire/error-envelope.ts';
import type { AttemptEnd } from '../upstream/attempt.ts';
import type { AttemptFailure } from '../upstream/attempt-failure.ts';
import type { ActiveRequest, LastFailure } from './active-request.ts';
import { addReturnedHeaders } from './upstream-headers.ts';

const JSON_TYPE = 'application/json';

/** A larger answer is not copied to a string, so it takes two writes. */
const MAX_TEXT_BYTES = 64 * 1024;

/** The official clients obey a Retry-After up to this and ignore a longer one. */
const LONGEST_OBEYED_MS = 60_000;

/** Sends a provider's whole answer. */
export function replyWithAnswer(
  request: ActiveRequest,
  { response, headers }: Extract<AttemptEnd, { kind: 'answer' }>,
): void {
  countTokens(request, response.usage);
  const ours: Record<string, string> = { 'content-type': JSON_TYPE };
  addReturnedHeaders(ours, headers);
  send(request, 'success', 200, ours, response.body);
}

/**
 * Sends an error of the gateway. It adds `x-should-retry: false` if a retry cannot help, or only after a longer wait
 * than an official client obeys. Otherwise those clients would immediately send the whole request again, twice.
 */
export function replyWithError(request: ActiveRequest, error: GatewayError, final = !error.retryable): void {
  const headers: Record<string, string> = { 'content-type': JSON_TYPE };
  if (error.retryAfterMs !== null) headers['retry-after'] = retryAfterSeconds(error.retryAfterMs);
  if (error.code === 'invalid_api_key') headers['www-authenticate'] = 'Bearer';
  if (final || (error.retryAfterMs ?? 0) > LONGEST_OBEYED_MS) headers['x-should-retry'] = 'false';
  // The connection is closed, because the rest of the late body is not awaited.
  if (error.code === 'request_timeout') request.outgoing.shouldKeepAlive = false;
  send(request, 'error', error.status, headers, Buffer.from(JSON.stringify(errorEnvelope(error))));
}

/** Sends the last failure, because no target is left to try. Its form follows the table of outcomes. */
export function replyWithLastFailure(request: ActiveRequest, lastFailure: LastFailure): void {
  const { provider, failure, judgement } = lastFailure;
  if (judgement.code === null) replyWithProviderError(request, provider, failure);
  else
    replyWithError(
      request,
      failureError(request, provider, failure, judgement.code),
      judgement.code !== 'rate_limited',
    );
}

/** The error that the client gets for a failure, as an answer or as the last event of a stream. */
export function failureError(
  request: ActiveRequest,
  provider: string,
  failure: AttemptFailure,
  code: ErrorCode,
): GatewayError {
  const { error, cause } = failure;
  // A provider may quote its API key.
  const message = request.plane.redactor.redact(failureMessage(provider, code, error));
  const details = code === 'rate_limited' ? { retryAfterMs: cooldownMs(request, failure), cause } : { cause };
  return new GatewayError(code, message, details);
}

/** How long the target still cools down: the Retry-After that the next request would get. */
function cooldownMs(request: ActiveRequest, failure: AttemptFailure): number {
  const target = request.lastFailure === null ? undefined : request.model?.targets[request.lastFailure.index];
  const state = target && request.plane.gate.state(target.provider, target.model);
  return state?.kind === 'cooling-down' ? state.remainingMs : (failure.retryAfterMs ?? 1000);
}

/** Pushes the provider's token counts as an event, if there are any. */
export function countTokens(request: ActiveRequest, usage: Usage | null): void {
  const counts = usage === null ? null : tokenCounts(usage);
  if (counts === null) return;
  request.plane.outbox.push({ type: 'tokens', provider: request.provider, model: request.modelLabel(), counts });
}

/** The valid counts; null if there are none. A provider may send any number: only whole numbers above 0 are kept. */
function tokenCounts(usage: Usage): TokenCounts | null {
  const reported = {
    input: usage.input,
    output: usage.output,
    cache_read: usage.cacheRead,
    cache_write: usage.cacheWrite,
    reasoning: usage.reasoning,
  };
  const counts: Partial<typeof reported> = {};
  for (const kind of tokenTypes) {
    const count = reported[kind];
    if (Number.isSafeInteger(count) && count > 0) counts[kind] = count;
  }
  return Object.keys(counts).length === 0 ? null : counts;
}

/** Adds the headers that every answer to a request carries. */
export function addCommonHeaders(headers: Record<string, string>, request: ActiveRequest): void {
  headers['x-request-id'] = request.id;
  headers['x-headgate-worker'] = request.plane.slot;
  if (request.provider !== 'unknown') headers['x-headgate-provider'] = request.provider;
  const attempts = request.attemptsText();
  if (attempts !== '') headers['x-headgate-attempts'] = attempts;
  if (request.droppedParams.length > 0) headers['x-headgate-dropped-params'] = request.droppedParams.join(', ');
}

/** Sends the provider's own 4xx: unchanged if its dialect is the client's, else in the client's envelope. */
function replyWithProviderError(request: ActiveRequest, provider: string, failure: AttemptFailure): void {
  const { result, error, body } = failure;
  const status = result.kind === 'status' ? result.status : (error?.status ?? 400);
  const headers: Record<string, string> = { 'content-type': JSON_TYPE, 'x-should-retry': 'false' };
  if (failure.retryAfterMs !== undefined) headers['retry-after'] = retryAfterSeconds(failure.retryAfterMs);
  const sameDialect = request.config.providers[provider]?.type === 'openai';
  const message = `${provider} answered ${status}.`;
  const reported: ErrorBody = error ?? { message, type: 'invalid_request_error', param: null, code: null };
  const text =
    sameDialect && body !== undefined && isJsonObject(body) ? body.toString() : JSON.stringify(errorEnvelope(reported));
  // The text may quote the provider's API key.
  send(request, 'error', status, headers, Buffer.from(request.plane.redactor.redact(text)));
}

function retryAfterSeconds(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds / 1000)));
}

/** Includes the provider's own message, because it helps the reader; but not for a refused key, which it may quote. */
function failureMessage(provider: string, code: ErrorCode, error: UpstreamError | undefined): string {
  const quote = error === undefined || error.message === '' ? '' : ` Its message: ${error.message}`;
  switch (code) {
    case 'provider_auth':
      return `The provider ${provider} refused the gateway's credentials.`;
    case 'rate_limited':
      return `The provider ${provider} refused the request because of a rate limit or quota.${quote}`;
    case 'provider_timeout':
      return `The provider ${provider} took too long.`;
    case 'provider_unreachable':
      return `The provider ${provider} could not be reached.`;
    case 'provider_stream_cut':
      return `The provider ${provider} stopped its answer before the end.`;
    default:
      return `The provider ${provider} failed.${quote}`;
  }
}

function send(
  request: ActiveRequest,
  status: 'success' | 'error',
  httpStatus: number,
  headers: Record<string, string>,
  body: Buffer,
): void {
  const { outgoing, plane } = request;
  request.finish(status, httpStatus, () => {
    if (outgoing.destroyed) return;
    if (outgoing.headersSent) {
      // Another answer has begun already. It cannot be completed, and it must not look complete.
      outgoing.destroy();
      return;
    }
    if (plane.draining) outgoing.shouldKeepAlive = false;
    addCommonHeaders(headers, request);
    headers['content-length'] = String(body.length);
    outgoing.writeHead(httpStatus, headers);
    // latin1 has one character per byte. Node writes headers and a string in one piece, but headers and a buffer in
    // two.
    if (body.length <= MAX_TEXT_BYTES) outgoing.end(body.toString('latin1'), 'latin1');
    else outgoing.end(body);
  });
}

function isJsonObject(body: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null;
  } catch {
    // Not JSON.
    return false;
  }
}
