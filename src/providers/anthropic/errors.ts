/**
 * Reads Anthropic's errors, from a body or from inside a stream: `{"type": "error", "error": {type, message,
 * details}}`. Source: docs.claude.com/en/api/errors. Without an HTTP status, the type determines the status.
 */

import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { describeErrorBody, readErrorRecord } from '../../wire/error-body.ts';
import { subjectOf } from '../error-subject.ts';
import type { UpstreamError } from '../types.ts';

const statusOfType: ReadonlyMap<string, number> = new Map([
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

/** Matches `error.details.error_code`: `enforced_spend_limit_reached`, `linked_organization_billing_unavailable`, … */
const quotaCode = /(?:spend_limit_reached|billing_unavailable)$/;

/**
 * Matches the message for exhausted credit. That error is a plain 400, so only its text distinguishes it from a client
 * error. Only the beginning is checked, because the rest of a message may quote the client's own text.
 */
const creditText = /^your credit balance is too low/i;

/** Reads the body of an answer with an error status. */
export function readError(status: number, body: Buffer): UpstreamError {
  const record = readErrorRecord(body);
  return makeError(record === null ? null : asRecord(record.error), status, describeErrorBody(status, body));
}

/** The error in a parsed payload of a 200; null if there is none. */
export function readErrorPayload(payload: JsonRecord): UpstreamError | null {
  const error = asRecord(payload.error);
  if (payload.type !== 'error' && error === null) return null;
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
    quota:
      status === 402 || type === 'billing_error' || (code !== null && quotaCode.test(code)) || creditText.test(message),
    subject,
    retryAfterMs: null,
  };
}
