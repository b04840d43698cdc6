/**
 * How an ended request is answered: headers, envelope, status. Every function here counts the end first and lets the
 * last byte go from the commit of its events.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { UpstreamError, Usage } from '../providers/types.ts';
import { type ErrorCode, GatewayError } from '../shared/errors.ts';
import { tokenTypes } from '../shared/events.ts';
import { type ErrorBody, errorEnvelope } from '../wire/error-envelope.ts';
import type { ActiveRequest, Setback } from './active-request.ts';
import type { AttemptEnd } from './attempt.ts';
import type { AttemptFailure } from './attempt-failure.ts';
import { returnedHeaders } from './upstream-headers.ts';

const JSON_TYPE = 'application/json';

/** A whole answer of a provider's. */
export function replyWithAnswer(
  request: ActiveRequest,
  { response, headers }: Extract<AttemptEnd, { kind: 'answer' }>,
): void {
  countTokens(request, response.usage);
  send(request, 'success', 200, { ...returnedHeaders(headers), 'content-type': JSON_TYPE }, response.body);
}

/** An error of our own. */
export function replyWithError(
  request: ActiveRequest,
  error: GatewayError,
  headers: Record<string, string> = {},
): void {
  const all: Record<string, string> = { ...headers, 'content-type': JSON_TYPE };
  if (error.retryAfterMs !== null) all['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
  if (error.code === 'invalid_api_key') all['www-authenticate'] = 'Bearer';
  send(request, 'error', error.status, all, Buffer.from(JSON.stringify(errorEnvelope(error))));
}

/** Nothing is left to try: the last failure, as the table of outcomes words it. */
export function replyWithSetback(request: ActiveRequest, { provider, failure, judgement }: Setback): void {
  if (judgement.code === null) {
    replyWithProviderError(request, provider, failure);
    return;
  }
  const error = setbackError(request, provider, failure, judgement.code);
  // A 429 that says when to come back may be tried again; whatever attempts were spent on may not.
  const mayRetry = error.code === 'rate_limited' && judgement.rest !== 'quota';
  replyWithError(request, error, mayRetry ? {} : { 'x-should-retry': 'false' });
}

/** What a failure is called when it reaches the client, as an answer or as the last event of a stream. */
export function setbackError(
  request: ActiveRequest,
  provider: string,
  failure: AttemptFailure,
  code: ErrorCode,
): GatewayError {
  const { error, retryAfterMs, cause } = failure;
  // A provider may quote the key that it was given.
  const message = request.plane.redactor.strike(setbackMessage(provider, code, error));
  return new GatewayError(code, message, {
    ...(code === 'rate_limited' ? { retryAfterMs: retryAfterMs ?? 1000 } : {}),
    cause,
  });
}

/** Tells the books what the provider counted; nothing when it said nothing. */
export function countTokens(request: ActiveRequest, usage: Usage | null): void {
  if (usage === null) return;
  const counts = {
    input: usage.input,
    output: usage.output,
    cache_read: usage.cacheRead,
    cache_write: usage.cacheWrite,
    reasoning: usage.reasoning,
  };
  for (const kind of tokenTypes) {
    const count = counts[kind];
    if (!Number.isSafeInteger(count) || count <= 0) continue;
    request.plane.outbox.push({ type: 'tokens', provider: request.provider, model: request.modelLabel(), kind, count });
  }
}

/** Headers that every answer to a request carries. */
export function commonHeaders(request: ActiveRequest): Record<string, string> {
  const headers: Record<string, string> = {
    'x-request-id': request.id,
    'x-headgate-worker': String(request.plane.slot),
  };
  if (request.provider !== 'unknown') headers['x-headgate-provider'] = request.provider;
  const attempts = request.attemptsText();
  if (attempts !== '') headers['x-headgate-attempts'] = attempts;
  if (request.droppedParams.length > 0) headers['x-headgate-dropped-params'] = request.droppedParams.join(', ');
  return headers;
}

/** The provider's own 4xx goes back unchanged where it speaks the client's dialect, else in the client's envelope. */
function replyWithProviderError(request: ActiveRequest, provider: string, failure: AttemptFailure): void {
  const { result, error, body } = failure;
  const status = result.kind === 'status' ? result.status : (error?.status ?? 400);
  const headers: Record<string, string> = { 'content-type': JSON_TYPE, 'x-should-retry': 'false' };
  if (failure.retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(failure.retryAfterMs / 1000));
  const speaksOurs = request.config.providers[provider]?.type === 'openai';
  if (speaksOurs && body !== undefined && isJsonObject(body)) {
    send(request, 'error', status, headers, body);
    return;
  }
  const told: ErrorBody = error ?? {
    message: `${provider} answered ${status}.`,
    type: 'invalid_request_error',
    param: null,
    code: null,
  };
  send(request, 'error', status, headers, Buffer.from(JSON.stringify(errorEnvelope(told))));
}

/** The provider's words are kept (they tell what to do), but never on a refused key: they may quote it. */
function setbackMessage(provider: string, code: ErrorCode, error: UpstreamError | undefined): string {
  const said = error === undefined || error.message === '' ? '' : ` It said: ${error.message}`;
  switch (code) {
    case 'provider_auth':
      return `The provider ${provider} refused the gateway's credentials.`;
    case 'rate_limited':
      return `The provider ${provider} asks for fewer requests.${said}`;
    case 'provider_timeout':
      return `The provider ${provider} took too long.`;
    case 'provider_unreachable':
      return `The provider ${provider} could not be reached.`;
    case 'provider_stream_cut':
      return `The provider ${provider} broke off its answer.`;
    default:
      return `The provider ${provider} failed.${said}`;
  }
}

function send(
  request: ActiveRequest,
  status: 'success' | 'error',
  httpStatus: number,
  headers: IncomingHttpHeaders,
  body: Buffer,
): void {
  const { outgoing, plane } = request;
  request.finish(status, httpStatus, () => {
    if (outgoing.destroyed || outgoing.headersSent) return;
    if (plane.draining) outgoing.shouldKeepAlive = false;
    outgoing.writeHead(httpStatus, { ...commonHeaders(request), ...headers, 'content-length': body.length });
    outgoing.end(body);
  });
}

function isJsonObject(body: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null;
  } catch {
    // Not JSON: that is the answer to the question.
    return false;
  }
}
