/**
 * Reads Gemini's errors, from a body or from inside a stream: `{"error": {code, message, status, details}}`, a `google.rpc.Status`,
 * alone or in an array. Its details say how long to wait (RetryInfo), which quota is meant (QuotaFailure) and why (ErrorInfo).
 * Google's compatible API says the same, so what they mean is told where that is read.
 */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { readErrorRecord } from '../../wire/error-body.ts';
import { readErrorPayload as readCompatible, readError as readErrorBody } from '../openai-chat/errors.ts';
import type { UpstreamError } from '../upstream-error.ts';

/** Reads the body of an answer with an error status. */
export function readError(status: number, body: Buffer): UpstreamError {
  return withOwnCode(readErrorBody(status, body), readErrorRecord(body));
}

/** The error in a parsed payload; null if there is none. */
export function readErrorPayload(payload: JsonRecord): UpstreamError | null {
  const error = readCompatible(payload);
  return error === null ? null : withOwnCode(error, payload);
}

/** `code` repeats the HTTP status: the reason says more, and where there is none the status in words. */
function withOwnCode(error: UpstreamError, payload: JsonRecord | null): UpstreamError {
  const { status, details } = asRecord(payload?.error) ?? {};
  const reasons = asArray(details).flatMap((detail) => asString(asRecord(detail)?.reason) ?? []);
  const word = reasons[0] ?? asString(status);
  return word === null || error.subject === 'length' ? error : { ...error, code: word };
}
