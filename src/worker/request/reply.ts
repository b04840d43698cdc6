/**
 * How an ended request is answered: headers, envelope, status. Every function here counts the end first and lets the
 * last byte go from the commit of its events.
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

/** A larger answer is not copied for the sake of one write. */
const MAX_TEXT_BYTES = 64 * 1024;

/** What this host lacks it may have again in a moment. */
const LACK_RETRY_AFTER_MS = 1000;

/** The official clients wait for Retry-After up to a minute, and ignore a longer one. */
const LONGEST_OBEYED_MS = 60_000;

/** A whole answer of a provider's. */
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
 * An error of our own. Where trying again cannot help, or only after more time than an official client obeys, it says
 * so: those clients would otherwise send the whole request again, twice, at once.
 */
export function replyWithError(request: ActiveRequest, error: GatewayError, final = !error.retryable): void {
  const headers: Record<string, string> = { 'content-type': JSON_TYPE };
  if (error.retryAfterMs !== null) headers['retry-after'] = retryAfterSeconds(error.retryAfterMs);
  if (error.code === 'invalid_api_key') headers['www-authenticate'] = 'Bearer';
  if (final || (error.retryAfterMs ?? 0) > LONGEST_OBEYED_MS) headers['x-should-retry'] = 'false';
  // The rest of a body that did not come in time is not waited for.
  if (error.code === 'request_timeout') request.outgoing.shouldKeepAlive = false;
  send(request, 'error', error.status, headers, Buffer.from(JSON.stringify(errorEnvelope(error))));
}

/** Nothing is left to try: the last failure, as the table of outcomes words it. */
export function replyWithLastFailure(request: ActiveRequest, lastFailure: LastFailure): void {
  const { provider, failure, judgement } = lastFailure;
  if (judgement.code === null) replyWithProviderError(request, provider, failure);
  else
    replyWithError(
      request,
      failureError(request, provider, failure, judgement.code),
      judgement.code !== 'rate_limited' && judgement.code !== 'overloaded',
    );
}

/** What a failure is called when it reaches the client, as an answer or as the last event of a stream. */
export function failureError(
  request: ActiveRequest,
  provider: string,
  failure: AttemptFailure,
  code: ErrorCode,
): GatewayError {
  const { error, cause } = failure;
  // A provider may quote the key that it was given.
  const message = request.plane.redactor.redact(failureMessage(provider, code, error));
  if (code === 'rate_limited')
    return new GatewayError(code, message, { retryAfterMs: cooldownMs(request, failure), cause });
  return new GatewayError(
    code,
    message,
    code === 'overloaded' ? { retryAfterMs: LACK_RETRY_AFTER_MS, cause } : { cause },
  );
}

/** How long the target cools down by now, which is what the next request would be told. */
function cooldownMs(request: ActiveRequest, failure: AttemptFailure): number {
  const target = request.lastFailure === null ? undefined : request.model?.targets[request.lastFailure.index];
  const state = target && request.plane.gate.state(target.provider, target.model);
  return state?.kind === 'cooling-down' ? state.remainingMs : (failure.retryAfterMs ?? 1000);
}

/** Tells the checkpoint what the provider counted; nothing when it said nothing. */
export function countTokens(request: ActiveRequest, usage: Usage | null): void {
  const counts = usage === null ? null : tokenCounts(usage);
  if (counts === null) return;
  request.plane.outbox.push({ type: 'tokens', provider: request.provider, model: request.modelLabel(), counts });
}

/** Null where there is nothing to count. A provider's numbers may be anything: what is no count is left out. */
function tokenCounts(usage: Usage): TokenCounts | null {
  const told = {
    input: usage.input,
    output: usage.output,
    cache_read: usage.cacheRead,
    cache_write: usage.cacheWrite,
    reasoning: usage.reasoning,
  };
  const counts: Partial<typeof told> = {};
  for (const kind of tokenTypes) {
    const count = told[kind];
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

/** The provider's own 4xx goes back unchanged where it speaks the client's dialect, else in the client's envelope. */
function replyWithProviderError(request: ActiveRequest, provider: string, failure: AttemptFailure): void {
  const { result, error, body } = failure;
  const status = result.kind === 'status' ? result.status : (error?.status ?? 400);
  const headers: Record<string, string> = { 'content-type': JSON_TYPE, 'x-should-retry': 'false' };
  if (failure.retryAfterMs !== undefined) headers['retry-after'] = retryAfterSeconds(failure.retryAfterMs);
  const speaksOurs = request.config.providers[provider]?.type === 'openai';
  const message = `${provider} answered ${status}.`;
  const told: ErrorBody = error ?? { message, type: 'invalid_request_error', param: null, code: null };
  const text =
    speaksOurs && body !== undefined && isJsonObject(body) ? body.toString() : JSON.stringify(errorEnvelope(told));
  // It may quote the key that it was given.
  send(request, 'error', status, headers, Buffer.from(request.plane.redactor.redact(text)));
}

function retryAfterSeconds(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds / 1000)));
}

/** The provider's words are kept (they tell what to do), but never on a refused key: they may quote it. */
function failureMessage(provider: string, code: ErrorCode, error: UpstreamError | undefined): string {
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
    case 'overloaded':
      return `The gateway's host lacks what a connection to ${provider} needs. Try again.`;
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
  headers: Record<string, string>,
  body: Buffer,
): void {
  const { outgoing, plane } = request;
  request.finish(status, httpStatus, () => {
    if (outgoing.destroyed) return;
    if (outgoing.headersSent) {
      // Something else has begun to answer: what cannot be ended well must not look as if it were.
      outgoing.destroy();
      return;
    }
    if (plane.draining) outgoing.shouldKeepAlive = false;
    addCommonHeaders(headers, request);
    headers['content-length'] = String(body.length);
    outgoing.writeHead(httpStatus, headers);
    // A byte for a character: Node puts a string behind the headers and writes both as one piece, a buffer as two.
    if (body.length <= MAX_TEXT_BYTES) outgoing.end(body.toString('latin1'), 'latin1');
    else outgoing.end(body);
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
