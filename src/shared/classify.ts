/**
 * The only file that decides whether an attempt failed. Retries, failover, circuits and metric labels all use it; no
 * other code decides by a status code. `src/README.md` shows the same rules as a table.
 */
import type { ErrorCode } from './errors.ts';
import type { AttemptOutcome, Verdict } from './events.ts';

/** The result of one attempt, before it is classified. */
export type AttemptResult =
  | { readonly kind: 'success' }
  /** The provider answered with an error status. `quota`: its 4xx reports that credit or quota is exhausted. */
  | { readonly kind: 'status'; readonly status: number; readonly quota: boolean }
  /** An error event inside a 200. `status` is the status that the event's type means; null if unknown. */
  | { readonly kind: 'error-event'; readonly status: number | null; readonly quota: boolean }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'empty' }
  /** A connect or TLS error, or a reset. */
  | { readonly kind: 'connection' }
  /** The stream ended or broke before its terminal. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'timeout'; readonly phase: 'connect' | 'headers' | 'first_content' | 'stall' | 'total' }
  /** A limit of the gateway, not a fault of the provider: the longest stream, the end of a drain. */
  | { readonly kind: 'limit' }
  | { readonly kind: 'client-gone' };

export interface Judgement {
  readonly outcome: AttemptOutcome;
  readonly verdict: Verdict;
  /**
   * The next step while nothing is committed. `final`: return the answer unchanged. `failover`: go to another provider
   * without delay, never to the same one. `retry`: try the same provider again, then another. `failover-first`: go to
   * another provider if there is one, otherwise try the same one again.
   */
  readonly next: 'final' | 'failover' | 'retry' | 'failover-first';
  /** What cools down: the target (`rate_limited`), the target for minutes (`quota`), or the provider's key (`auth`). */
  readonly cooldown: 'rate_limited' | 'quota' | 'auth' | null;
  /** The client's error code when no attempt is left; null if the provider's own answer is returned. */
  readonly code: ErrorCode | null;
}

/** How long a target with an exhausted quota cools down, and how long a refused key does. */
export const QUOTA_COOLDOWN_MS = 300_000;
export const AUTH_COOLDOWN_MS = 60_000;

const judge = (
  outcome: AttemptOutcome,
  verdict: Verdict,
  next: Judgement['next'],
  code: ErrorCode | null,
  cooldown: Judgement['cooldown'] = null,
): Judgement => ({ outcome, verdict, next, cooldown, code });

const success = judge('success', 'success', 'final', null);
const clientGone = judge('client_gone', 'neutral', 'final', null);
const ownLimit = judge('timeout_total', 'neutral', 'final', 'provider_timeout');
const clientError = judge('client_error', 'neutral', 'final', null);
const authError = judge('auth_error', 'neutral', 'failover', 'provider_auth', 'auth');
const rateLimited = judge('rate_limited', 'neutral', 'failover', 'rate_limited', 'rate_limited');
const quotaExhausted = judge('rate_limited', 'neutral', 'failover', 'rate_limited', 'quota');
const serverError = judge('server_error', 'failure', 'retry', 'provider_error');
const unreadable = judge('bad_response', 'failure', 'retry', 'provider_error');
const empty = judge('empty_response', 'failure', 'retry', 'provider_error');
const connection = judge('connect_error', 'failure', 'retry', 'provider_unreachable');
const cut = judge('stream_cut', 'failure', 'retry', 'provider_stream_cut');
const timeouts = {
  connect: judge('timeout_connect', 'failure', 'retry', 'provider_unreachable'),
  headers: judge('timeout_headers', 'failure', 'failover-first', 'provider_timeout'),
  first_content: judge('timeout_first_content', 'failure', 'failover-first', 'provider_timeout'),
  stall: judge('timeout_stall', 'failure', 'retry', 'provider_stream_cut'),
  total: judge('timeout_total', 'failure', 'final', 'provider_timeout'),
} as const;

/** Classifies one attempt. Total: every result has a judgement. */
export function classify(result: AttemptResult): Judgement {
  switch (result.kind) {
    case 'success':
      return success;
    case 'status':
      return byStatus(result.status, result.quota);
    case 'error-event':
      return byStatus(result.status ?? 500, result.quota);
    case 'unreadable':
      return unreadable;
    case 'empty':
      return empty;
    case 'connection':
      return connection;
    case 'cut':
      return cut;
    case 'timeout':
      return timeouts[result.phase];
    case 'limit':
      return ownLimit;
    case 'client-gone':
      return clientGone;
    default:
      return result satisfies never;
  }
}

/** `quota` is checked before the status, because Anthropic answers 400 when the credit is exhausted. */
function byStatus(status: number, quota: boolean): Judgement {
  if (quota) return quotaExhausted;
  if (status === 401 || status === 403) return authError;
  if (status === 429) return rateLimited;
  if (status === 408 || status >= 500) return serverError;
  if (status >= 400) return clientError;
  // A 1xx or 3xx (redirects are not followed), or a 2xx that cannot be read.
  return unreadable;
}
