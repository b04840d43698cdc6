/**
 * The single judge of failure: retries, failover, circuits and metric labels all ask it, nobody else looks at a status
 * code to decide. The table of outcomes in `src/README.md` is this file in words.
 */
import type { ErrorCode } from './errors.ts';
import type { AttemptOutcome, Verdict } from './events.ts';

/** What came of one attempt, before it was judged. */
export type AttemptResult =
  | { readonly kind: 'success' }
  /** The provider answered with an error status; `quota`: its 4xx says that money or quota has run out. */
  | { readonly kind: 'status'; readonly status: number; readonly quota: boolean }
  /** An error event inside a 200; `status` is the one that its type stands for, where known. */
  | { readonly kind: 'error-event'; readonly status: number | null; readonly quota: boolean }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'empty' }
  /** Connect, TLS or reset. */
  | { readonly kind: 'connection' }
  /** The stream ended or broke without its terminal. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'timeout'; readonly phase: 'connect' | 'headers' | 'first_content' | 'stall' | 'total' }
  /** A limit of our own that is no fault of the provider's: the longest stream, the end of a drain. */
  | { readonly kind: 'limit' }
  /** The gateway or its host lacked something (a descriptor, memory, a port, a resolver's answer): nobody's failure. */
  | { readonly kind: 'gateway-limit' }
  | { readonly kind: 'client-gone' };

export interface Judgement {
  readonly outcome: AttemptOutcome;
  readonly verdict: Verdict;
  /**
   * What may follow while nothing is committed. `final`: the answer goes back as it is. `failover`: another provider at
   * once, never the same. `retry`: the same provider again, then another. `failover-first`: another if there is one,
   * else the same again.
   */
  readonly next: 'final' | 'failover' | 'retry' | 'failover-first';
  /** What must be left alone for a while: this target, this target for minutes, or the provider's key. */
  readonly cooldown: 'rate_limited' | 'quota' | 'auth' | null;
  /** What the client gets when nothing is left to try; null where the provider's own answer goes back. */
  readonly code: ErrorCode | null;
}

/** How long a target cools down when its quota is exhausted, and a key that was refused. */
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
const gatewayLimit = judge('gateway_limit', 'neutral', 'failover', 'overloaded');
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

/** Judges one attempt. Total: every result has a judgement. */
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
    case 'gateway-limit':
      return gatewayLimit;
    case 'client-gone':
      return clientGone;
    default:
      return result satisfies never;
  }
}

/** Anthropic says 400 for an exhausted credit, so `quota` goes before the status. */
function byStatus(status: number, quota: boolean): Judgement {
  if (quota) return quotaExhausted;
  if (status === 401 || status === 403) return authError;
  if (status === 429) return rateLimited;
  if (status === 408 || status >= 500) return serverError;
  if (status >= 400) return clientError;
  // A 1xx or 3xx (redirects are not followed) and a 2xx that was not understood.
  return unreadable;
}
