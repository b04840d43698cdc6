/**
 * Writes errors as Anthropic does: `{"type": "error", "error": {type, message, details}, "request_id"}`. Source:
 * docs.claude.com/en/api/errors. The gateway's own code stands where Anthropic's are: in `details.error_code`.
 */
import { type ErrorCode, errorTable } from '../../shared/errors.ts';
import type { ErrorBody, HeadgateFacts } from '../../wire/error-envelope.ts';
import { statusOfType } from './errors.ts';

/** Anthropic's word for each status of the gateway's errors that has one of its own. */
const wordOfStatus: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [408, 'timeout_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
]);

/** Codes and types of other dialects, of a provider's error that is none of the gateway's. */
const wordOfType: ReadonlyMap<string, string> = new Map([
  ['insufficient_quota', 'billing_error'],
  ['rate_limit_exceeded', 'rate_limit_error'],
  ['requests', 'rate_limit_error'],
  ['tokens', 'rate_limit_error'],
  ['server_error', 'api_error'],
  ['upstream_error', 'api_error'],
  ['service_unavailable_error', 'overloaded_error'],
]);

/** By these words clients know when to make a conversation shorter. */
const TOO_LONG = 'prompt is too long';

/** The body of an error. `facts` are given for an error of the gateway itself. */
export function writeError(error: ErrorBody, facts?: HeadgateFacts): Buffer {
  return Buffer.from(errorText(error, facts));
}

/** The last event of a stream that is broken. */
export function brokenEnd(error: ErrorBody, facts: HeadgateFacts): Buffer {
  return Buffer.from(`event: error\ndata: ${errorText(error, facts)}\n\n`);
}

function errorText(error: ErrorBody, facts: HeadgateFacts | undefined): string {
  const { code, param } = error;
  const details = { ...(code === null ? {} : { error_code: code }), ...(param === null ? {} : { param }) };
  return JSON.stringify({
    type: 'error',
    error: {
      type: wordOf(error),
      message: messageOf(error),
      ...(Object.keys(details).length === 0 ? {} : { details }),
      ...(facts === undefined ? {} : { headgate: facts }),
    },
    ...(facts === undefined ? {} : { request_id: facts.request_id }),
  });
}

function wordOf({ code, type }: ErrorBody): string {
  if (code !== null && isOurs(code)) {
    const { status } = errorTable[code];
    return wordOfStatus.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  }
  if (statusOfType.has(type)) return type;
  // Only what a client has done wrong is reported in a provider's own words.
  return wordOfType.get(code ?? '') ?? wordOfType.get(type) ?? 'invalid_request_error';
}

function isOurs(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

function messageOf({ code, message }: ErrorBody): string {
  if (code !== 'context_length_exceeded' || message.toLowerCase().includes(TOO_LONG)) return message;
  return `${TOO_LONG}: ${message}`;
}
