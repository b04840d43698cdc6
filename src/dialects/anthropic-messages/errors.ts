/**
 * Reads Anthropic's errors, from a body or from inside a stream: `{"type": "error", "error": {type, message,
 * details}}`. Source: docs.claude.com/en/api/errors. Without an HTTP status, the type determines the status.
 */

import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { describeErrorBody, readErrorRecord } from '../../wire/error-body.ts';
import { isAccountError } from '../account-error.ts';
import { concernsOne, isStatusAlone, subjectOf, subjectOfForm } from '../error-subject.ts';
import type { UpstreamError } from '../upstream-error.ts';

/** Anthropic's words, and the status that each stands for. */
export const statusOfType: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['conflict_error', 409],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', 529],
]);

/** Reads the body of an answer with an error status. */
export function readError(status: number, body: Buffer): UpstreamError {
  const record = readErrorRecord(body);
  if (record !== null) return makeError(asRecord(record.error), status, describeErrorBody(status, body));
  const text = makeError(null, status, describeErrorBody(status, body));
  return { ...text, subject: subjectOfForm(status, body) ?? text.subject };
}

/** The error in a parsed payload of a 200; null if there is none. */
export function readErrorPayload(payload: JsonRecord): UpstreamError | null {
  const error = asRecord(payload.error);
  if (error === null && payload.type !== 'error') {
    return isStatusAlone(payload, 'content') ? makeError({ message: payload.message }, Number(payload.code), '') : null;
  }
  return makeError(error, null, 'the provider reported an error');
}

function makeError(error: JsonRecord | null, httpStatus: number | null, fallback: string): UpstreamError {
  const type = asString(error?.type);
  const code = asString(asRecord(error?.details)?.error_code);
  const message = asString(error?.message) ?? fallback;
  const status = httpStatus ?? statusOfType.get(type ?? '') ?? null;
  const words = [type, code].filter((each) => each !== null);
  const subject = subjectOf({ status, words, message, flagged: false });
  return {
    status,
    message,
    type: type ?? 'upstream_error',
    param: null,
    // Clients know by OpenAI's code when to make a conversation shorter.
    code: subject === 'length' ? 'context_length_exceeded' : code,
    // What concerns one request alone says nothing about what is left for others.
    quota: !concernsOne(subject) && (status === 402 || isAccountError(words, message)),
    subject,
    retryAfterMs: null,
  };
}
