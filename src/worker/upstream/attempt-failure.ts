/**
 * The data of a failed attempt (the fault to judge, the provider's own error, and the cause), and what makes it of an
 * answer.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Codec } from '../../dialects/codec.ts';
import type { Usage } from '../../dialects/hub.ts';
import type { Said } from '../../dialects/said.ts';
import { UnreadableAnswerError, type UpstreamError } from '../../dialects/upstream-error.ts';
import type { AttemptFault } from '../../shared/classify.ts';
import { isMarkup } from '../../wire/error-body.ts';
import { withoutByteOrderMark } from '../../wire/whole-body.ts';
import { retryAfterMs } from '../policies/retry-after.ts';

/** A 200 without content that nothing explains: it goes back after all when no target is left. */
export interface EmptyAnswer {
  readonly headers: IncomingHttpHeaders;
  /** The whole body, in the client's dialect: JSON, or all events of a stream. */
  readonly body: Buffer;
  readonly stream: boolean;
  /** Of a whole one. Default: JSON. */
  readonly mediaType?: string;
}

export interface AttemptFailure {
  readonly fault: AttemptFault;
  /** The provider's error, if it sent one. */
  readonly error?: UpstreamError;
  /** The provider's own error body, in the client's dialect, which goes back if the judgement allows it. */
  readonly body?: Buffer;
  /** The provider's Retry-After, from its headers or its body, in ms. */
  readonly retryAfterMs?: number;
  /** The provider asks for no retry (`x-should-retry: false`). */
  readonly declined?: boolean;
  /** Set exactly when the fault is `empty`. */
  readonly emptyAnswer?: EmptyAnswer;
  /** The provider's own id of the request, where it gave one. */
  readonly upstreamRequestId?: string;
  /** What the provider has counted, as far as its answer came; null or missing for nothing. */
  readonly usage?: Usage | null;
  /** How much of the answer came; missing where its tokens cannot be told from that. */
  readonly said?: Said;
  /** Set if the provider had the request. */
  readonly isSent?: true;
  /** Of the provider's answer, if there is one. */
  readonly headers?: IncomingHttpHeaders;
  /** For logs only. */
  readonly cause?: unknown;
}

/**
 * The failure for an answer whose status is none of success.
 *
 * @param answer its body is what has come of it, unpacked
 * @param wallMs now, in unix time: a Retry-After may be a date
 */
export function failureByStatus(
  { inbound, outbound }: Codec,
  { status, headers, body }: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer },
  wallMs: number,
): AttemptFailure {
  const error = outbound.readError(status, body);
  const askedMs = retryAfterMs(headers, wallMs) ?? error.retryAfterMs;
  const page = isMarkup(body) || /^text\/html\b/i.test(headers['content-type'] ?? '');
  return {
    fault: { kind: 'status', status, quota: error.quota, subject: error.subject, page },
    error,
    ...(inbound === outbound ? { body: withoutByteOrderMark(body) } : {}),
    ...(askedMs === null ? {} : { retryAfterMs: askedMs }),
  };
}

/** The failure for an error that the provider sent inside its 200. */
export function failureByEvent(error: UpstreamError | null): AttemptFailure {
  const { status = null, quota = false, subject = null, retryAfterMs = null } = error ?? {};
  return {
    fault: { kind: 'error-event', status, quota, subject },
    ...(error === null ? {} : { error }),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  };
}

/**
 * The failure for a payload that could not be read: it is the provider's error, or of another form, or invalid.
 *
 * @param invalid the failure in the last case
 */
export function failureByPayload(
  cause: unknown,
  invalid: AttemptFailure = { fault: { kind: 'unreadable' }, cause },
): AttemptFailure {
  if (!(cause instanceof UnreadableAnswerError)) return invalid;
  if (cause.error !== null) return { ...failureByEvent(cause.error), cause, usage: cause.usage };
  return cause.otherForm ? { fault: { kind: 'wrong-form' }, cause } : invalid;
}

/** The failure with what has come of its answer: that is paid, whatever becomes of it. What it says itself stays. */
export function withTold(
  { usage, said }: { readonly usage: Usage | null; readonly said: Said | undefined },
  failure: AttemptFailure,
): AttemptFailure {
  if (said !== undefined) return { usage, said, ...failure };
  return usage === null ? failure : { usage, ...failure };
}

/** This worker holds as much as `server.max_buffered` allows. */
export function noRoom(): AttemptFailure {
  return { fault: { kind: 'no-room' }, cause: new Error('room for an answer within server.max_buffered') };
}
