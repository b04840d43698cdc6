/**
 * Answers a request: headers, envelope, status. Every reply counts the end first and sends the answer once the events
 * of the end are delivered.
 */
import type { ReadAnswer } from '../../dialects/types.ts';
import { errorTable, GatewayError } from '../../shared/errors.ts';
import type { Judgement } from '../../shared/judgements.ts';
import type { ErrorBody, HeadgateFacts } from '../../wire/error-envelope.ts';
import { JsonDigest, LARGE_BYTES } from '../../wire/json-digest.ts';
import type { AttemptEnd } from '../upstream/attempt.ts';
import type { AttemptFailure } from '../upstream/attempt-failure.ts';
import { requestIdOf } from '../upstream/request-id.ts';
import type { ActiveRequest } from './active-request.ts';
import { TAKEN_CODINGS } from './arrival/unpacking.ts';
import type { KeptAnswer, LastFailure } from './attempt-history.ts';
import { breakStream } from './break-stream.ts';
import { countLosses } from './count-losses.ts';
import { eventError, failureError, quoted } from './failure-words.ts';
import { addCommonHeaders, EVENT_STREAM_TYPE } from './reply-headers.ts';
import type { RequestError } from './request-error.ts';
import { addReturnedHeaders } from './upstream-headers.ts';

const JSON_TYPE = 'application/json';

/** A larger answer is not copied to a string, so it takes two writes. */
const MAX_TEXT_BYTES = 64 * 1024;

/** The official clients obey a Retry-After up to this and ignore a longer one. */
const LONGEST_OBEYED_MS = 60_000;

/** Sends a provider's whole answer. No client can read one in a stream that has begun, of which it is no part. */
export function deliverAnswer(
  request: ActiveRequest,
  { answer, headers }: Extract<AttemptEnd, { kind: 'answer' }>,
): void {
  countLosses(request, answer.facts);
  request.history.answered(requestIdOf(headers));
  if (request.reply.kind !== 'unsent') {
    const message = `The provider ${request.history.provider} answered as a whole where a stream had begun.`;
    deliverError(request, new GatewayError('provider_error', message));
    return;
  }
  const ours: Record<string, string> = { 'content-type': mediaTypeOf(request, answer) };
  addReturnedHeaders(ours, headers, request.plane.redactor);
  send(request, 'success', 200, ours, answer.body);
}

/**
 * Sends an error of the gateway. It adds `x-should-retry: false` if a retry cannot help, or only after a longer wait
 * than an official client obeys. Otherwise those clients would immediately send the whole request again, twice.
 */
export function deliverError(
  request: ActiveRequest,
  error: GatewayError,
  final = !error.retryable,
  failure: AttemptFailure = NO_FAILURE,
): void {
  const headers: Record<string, string> = { 'content-type': JSON_TYPE };
  if (error.retryAfterMs !== null) headers['retry-after'] = retryAfterSeconds(error.retryAfterMs);
  if (error.code === 'invalid_api_key') headers['www-authenticate'] = 'Bearer';
  if (error.code === 'unsupported_content_encoding') headers['accept-encoding'] = TAKEN_CODINGS;
  if (final || (error.retryAfterMs ?? 0) > LONGEST_OBEYED_MS) headers['x-should-retry'] = 'false';
  // The connection is closed, because the rest of the late body is not awaited.
  if (error.code === 'request_timeout') request.outgoing.shouldKeepAlive = false;
  if (failure.headers !== undefined) addReturnedHeaders(headers, failure.headers, request.plane.redactor);
  const facts = headgateFacts(request, error);
  const { dialect } = request;
  sendError(request, error.status, {
    headers,
    body: () => dialect.writeError(error, facts),
    event: () => dialect.brokenEnd(eventError(request, failure, error), facts),
    error,
  });
}

const NO_FAILURE: AttemptFailure = { fault: { kind: 'limit' } };

/** What the gateway adds to an error of its own: who has to act, and what to look for in its log. */
export function headgateFacts(request: ActiveRequest, { owner }: Pick<GatewayError, 'owner'>): HeadgateFacts {
  const { history } = request;
  const provider = history.provider === 'unknown' ? null : history.provider;
  return { owner, provider, attempts: history.toString(), request_id: request.id };
}

/** Sends the last failure, because no target is left to try. Its form follows the table of outcomes. */
export function deliverFailure(request: ActiveRequest, lastFailure: LastFailure): void {
  const { provider, failure, judgement } = lastFailure;
  const { code, ownStatus, clientMayRetry } = judgement;
  const { emptyAnswer } = request.history;
  if (emptyAnswer !== null && ownStatus === null) deliverEmptyAnswer(request, emptyAnswer);
  else if (ownStatus !== null) deliverProviderError(request, provider, failure, judgement, ownStatus);
  else {
    const error = failureError(request, provider, failure, code ?? 'provider_error');
    deliverError(request, error, !clientMayRetry, failure);
  }
}

/** The provider's own 200: nothing explains why it is empty, and no other target has a better answer. */
function deliverEmptyAnswer(request: ActiveRequest, kept: KeptAnswer): void {
  const { answer } = kept;
  request.history.answersEmpty(kept, requestIdOf(answer.headers));
  const { reply } = request;
  if (reply.kind !== 'unsent') {
    request.finish('success', 200, () => reply.writer.end(answer.body));
    return;
  }
  const headers: Record<string, string> = {
    'content-type': answer.stream ? EVENT_STREAM_TYPE : mediaTypeOf(request, answer),
  };
  addReturnedHeaders(headers, answer.headers, request.plane.redactor);
  send(request, 'success', 200, headers, answer.body);
}

/** The provider's own where it may be any. */
function mediaTypeOf({ plane }: ActiveRequest, { mediaType = JSON_TYPE }: Pick<ReadAnswer, 'mediaType'>): string {
  return mediaType === JSON_TYPE ? JSON_TYPE : plane.redactor.redact(mediaType);
}

/** The provider's own 4xx goes back unchanged where it speaks the client's dialect, else in the client's envelope. */
function deliverProviderError(
  request: ActiveRequest,
  provider: string,
  failure: AttemptFailure,
  { code }: Judgement,
  status: number,
): void {
  const { error, body, cause } = failure;
  const headers: Record<string, string> = { 'content-type': JSON_TYPE, 'x-should-retry': 'false' };
  if (failure.headers !== undefined) addReturnedHeaders(headers, failure.headers, request.plane.redactor);
  if (failure.retryAfterMs !== undefined) headers['retry-after'] = retryAfterSeconds(failure.retryAfterMs);
  const message = `${provider} answered ${status}.`;
  const reported: ErrorBody =
    error === undefined
      ? { message, type: 'invalid_request_error', param: null, code: null }
      : { ...error, message: quoted(request, error.message) };
  const reason = { code: code ?? 'request_rejected', cause } as const;
  const { dialect, plane } = request;
  // The provider may quote the key that it was given.
  const redacted = (sent: Buffer) => Buffer.from(plane.redactor.redact(sent.toString()));
  const facts = headgateFacts(request, errorTable[reason.code]);
  sendError(request, status, {
    headers,
    body: () => redacted(body !== undefined && isJsonObject(body) ? body : dialect.writeError(reported)),
    event: () => redacted(dialect.brokenEnd(reported, facts)),
    error: reason,
  });
}

function retryAfterSeconds(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds / 1000)));
}

/** An error in both forms that it may have: as the answer, or as the last event of one that has begun. */
interface ErrorForms {
  readonly headers: Record<string, string>;
  body(): Buffer;
  event(): Buffer;
  readonly error: RequestError;
}

function sendError(request: ActiveRequest, httpStatus: number, { headers, body, event, error }: ErrorForms): void {
  const { reply } = request;
  if (reply.kind === 'unsent') send(request, 'error', httpStatus, headers, body(), error);
  else request.finish('error', 200, () => breakStream(request, reply.writer, event()), error);
}

function send(
  request: ActiveRequest,
  status: 'success' | 'error',
  httpStatus: number,
  headers: Record<string, string>,
  body: Buffer,
  error: RequestError | null = null,
): void {
  const { outgoing, plane } = request;
  const handOver = () => {
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
  };
  request.finish(status, httpStatus, handOver, error);
}

/** An array too. A large one is looked at without making its values. */
function isJsonObject(body: Buffer): boolean {
  if (body.length >= LARGE_BYTES) return JsonDigest.of(body).isWhole;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null;
  } catch {
    // Not JSON.
    return false;
  }
}
