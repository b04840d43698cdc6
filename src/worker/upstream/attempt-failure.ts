/**
 * What is known of an attempt that failed: the result to be judged, the provider's own words, and what lies behind it.
 */
import type { IncomingHttpHeaders } from 'node:http';
import {
  type TranslatedResponse,
  UnreadableAnswerError,
  type UpstreamError,
  type Usage,
} from '../../providers/types.ts';
import type { AttemptResult } from '../../shared/classify.ts';

/** A 200 without content that nothing explains: it goes back after all when no target is left. */
export interface EmptyAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly usage: Usage | null;
  /** The whole body, in the client's dialect: JSON, or all events of a stream. */
  readonly body: TranslatedResponse['body'];
  readonly stream: boolean;
}

export interface AttemptFailure {
  readonly result: AttemptResult;
  /** The provider's error, where it gave one. */
  readonly error?: UpstreamError;
  /** The provider's error body as it came, to be handed on where the judgement says so. */
  readonly body?: Buffer;
  /** The provider's wish, from its headers or its body, in ms. */
  readonly retryAfterMs?: number;
  /** Set exactly when the result is `empty`. */
  readonly emptyAnswer?: EmptyAnswer;
  /** The provider's own id of the request, where it gave one. */
  readonly upstreamRequestId?: string;
  /** For logs only. */
  readonly cause?: unknown;
}

/** A short word for `x-headgate-attempts` and the log: the status where there was one, else what happened. */
export function failureLabel({ result }: AttemptFailure): string {
  switch (result.kind) {
    case 'status':
      return String(result.status);
    case 'error-event':
      return result.status === null ? 'error-event' : `error-event-${result.status}`;
    case 'timeout':
      return `timeout-${result.phase}`;
    default:
      return result.kind;
  }
}

/** The provider told an error inside its 200. */
export function failureByEvent(error: UpstreamError | null): AttemptFailure {
  const { status = null, quota = false, subject = null, retryAfterMs = null } = error ?? {};
  return {
    result: { kind: 'error-event', status, quota, subject },
    ...(error === null ? {} : { error }),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  };
}

/** A translator could not read a payload: because it is the provider's error after all, or because it is nothing. */
export function failureByPayload(cause: unknown): AttemptFailure {
  if (cause instanceof UnreadableAnswerError && cause.error !== null) return { ...failureByEvent(cause.error), cause };
  return { result: { kind: 'unreadable' }, cause };
}
