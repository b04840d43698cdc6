/**
 * What is known of an attempt that failed: the result to be judged, the provider's own words, and what lies behind it.
 */
import { UnreadableAnswerError, type UpstreamError } from '../../providers/types.ts';
import type { AttemptResult } from '../../shared/classify.ts';

export interface AttemptFailure {
  readonly result: AttemptResult;
  /** The provider's error, where it gave one. */
  readonly error?: UpstreamError;
  /** The provider's error body as it came, to be handed on where the judgement says so. */
  readonly body?: Buffer;
  /** The provider's wish, from its headers or its body, in ms. */
  readonly retryAfterMs?: number;
  /** The provider says that trying again is in vain (`x-should-retry: false`). */
  readonly declined?: boolean;
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
  const { status = null, quota = false, retryAfterMs = null } = error ?? {};
  return {
    result: { kind: 'error-event', status, quota },
    ...(error === null ? {} : { error }),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  };
}

/** A translator could not read a payload: because it is the provider's error after all, or because it is nothing. */
export function failureByPayload(cause: unknown): AttemptFailure {
  if (cause instanceof UnreadableAnswerError && cause.error !== null) return { ...failureByEvent(cause.error), cause };
  return { result: { kind: 'unreadable' }, cause };
}
