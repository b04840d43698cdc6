/**
 * The only file that decides whether an attempt failed. Retries, failover, circuits and metric labels all use it; no
 * other code decides by a status code. `src/README.md` shows the same rules as a table.
 */
import type { ErrorCode } from './errors.ts';
import type { AttemptOutcome, CooldownReason, Verdict } from './events.ts';

/** What an error is about, as far as the provider's own words say so; null where they do not. */
export type Subject = 'key' | 'model' | 'length' | 'never' | 'credit' | 'content' | null;

/** The result of one attempt, before it is classified. */
export type AttemptResult =
  | { readonly kind: 'success' }
  /** The provider answered with an error status; `quota`: its 4xx says that money or quota has run out. */
  | { readonly kind: 'status'; readonly status: number; readonly quota: boolean; readonly subject: Subject }
  /** An error event inside a 200; `status` is the one that its words stand for, where known. */
  | { readonly kind: 'error-event'; readonly status: number | null; readonly quota: boolean; readonly subject: Subject }
  | { readonly kind: 'unreadable' }
  /** A 200 whose lack of content nothing explains. */
  | { readonly kind: 'empty' }
  /** DNS, connect or TLS; `established`: the connection was there, and was reset before a status line. */
  | { readonly kind: 'connection'; readonly established: boolean }
  /** The stream ended or broke before its terminal. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'timeout'; readonly phase: 'connect' | 'headers' | 'first_content' | 'stall' | 'total' }
  /** A plain answer did not come within the little time that attempts before it had left it. */
  | { readonly kind: 'hurried' }
  /** A limit of the gateway, not a fault of the provider: the longest stream, the end of a drain. */
  | { readonly kind: 'limit' }
  /** The gateway or its host lacked something (a descriptor, memory, a port, a resolver's answer): nobody's failure. */
  | { readonly kind: 'gateway-limit' }
  | { readonly kind: 'client-gone' };

export interface Judgement {
  readonly outcome: AttemptOutcome;
  /** For the target's circuit; its provider's gets `providerVerdict`. */
  readonly verdict: Verdict;
  /**
   * What may follow while nothing is committed. `final`: the answer goes back as it is. `failover`: another target
   * immediately, never the same. `failover-once`: the same, but only once for a request. `retry`: the same provider
   * again, then another. `failover-first`: another if there is one, else the same again.
   */
  readonly next: 'final' | 'failover' | 'failover-once' | 'retry' | 'failover-first';
  /** Why its target, or its provider's key, cools down; null where nothing does. */
  readonly cooldown: CooldownReason | null;
  /** What the failure is called in metrics, log and error body when nothing is left to try; null where it is none. */
  readonly code: ErrorCode | null;
  /** The status under which the provider's own words go back; null where the client gets an error of ours. */
  readonly ownStatus: number | null;
}

/** How long a target cools down when its quota is exhausted, a key that was refused, a model that its provider lacks. */
export const QUOTA_COOLDOWN_MS = 300_000;
export const AUTH_COOLDOWN_MS = 60_000;
export const MODEL_COOLDOWN_MS = 300_000;

const judge = (
  outcome: AttemptOutcome,
  verdict: Verdict,
  next: Judgement['next'],
  code: ErrorCode | null,
  cooldown: CooldownReason | null = null,
): Judgement => ({ outcome, verdict, next, cooldown, code, ownStatus: null });

const success = judge('success', 'success', 'final', null);
const clientGone = judge('client_gone', 'neutral', 'final', null);
const ownLimit = judge('timeout_total', 'neutral', 'final', 'time_limit');
const hurried = judge('timeout_headers', 'neutral', 'failover-first', 'provider_timeout');
const gatewayLimit = judge('gateway_limit', 'neutral', 'failover', 'overloaded');
const clientError = judge('client_error', 'neutral', 'final', 'request_rejected');
const tooLong = judge('client_error', 'neutral', 'final', 'context_length_exceeded');
/** Nobody else's request would fail for it, and another provider may take this one. */
const forbidden = judge('client_error', 'neutral', 'failover', 'request_rejected');
const authError = judge('auth_error', 'neutral', 'failover', 'provider_auth', 'auth');
const modelUnavailable = judge('model_unavailable', 'neutral', 'failover', 'model_unavailable', 'model');
const rateLimited = judge('rate_limited', 'neutral', 'failover', 'rate_limited', 'rate_limited');
const quotaExhausted = judge('rate_limited', 'neutral', 'failover', 'rate_limited', 'quota');
const serverError = judge('server_error', 'failure', 'retry', 'provider_error');
const unreadable = judge('bad_response', 'failure', 'retry', 'provider_error');
const empty = judge('empty_response', 'neutral', 'failover-once', 'provider_error');
const unconnected = judge('connect_error', 'neutral', 'retry', 'provider_unreachable');
const reset = judge('connect_error', 'failure', 'retry', 'provider_unreachable');
const cut = judge('stream_cut', 'failure', 'retry', 'provider_stream_cut');
const timeouts = {
  connect: judge('timeout_connect', 'neutral', 'retry', 'provider_unreachable'),
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
      return byStatus(result.status, result.quota, result.subject);
    case 'error-event':
      return byStatus(result.status ?? 500, result.quota, result.subject);
    case 'unreadable':
      return unreadable;
    case 'empty':
      return empty;
    case 'connection':
      return result.established ? reset : unconnected;
    case 'cut':
      return cut;
    case 'timeout':
      return timeouts[result.phase];
    case 'hurried':
      return hurried;
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

/**
 * What an attempt says of its provider: a failure if no connection was made, a success if a status line came, whatever
 * it says, else nothing. All that happens on a connection is the target's.
 */
export function providerVerdict(result: AttemptResult): Verdict {
  switch (result.kind) {
    case 'success':
    case 'status':
    case 'error-event':
    case 'unreadable':
    case 'empty':
    case 'cut':
      return 'success';
    case 'connection':
      return result.established ? 'neutral' : 'failure';
    case 'timeout':
      if (result.phase === 'connect') return 'failure';
      return result.phase === 'first_content' || result.phase === 'stall' ? 'success' : 'neutral';
    case 'hurried':
    case 'limit':
    case 'gateway-limit':
    case 'client-gone':
      return 'neutral';
    default:
      return result satisfies never;
  }
}

/**
 * The subject goes before the status: a 500 may say that this prompt is too long. Anthropic says 400 for an exhausted
 * credit, so `quota` goes before both.
 */
function byStatus(status: number, quota: boolean, subject: Subject): Judgement {
  if (quota) return quotaExhausted;
  switch (subject) {
    case 'length':
      return withOwnWords(tooLong, status);
    case 'content':
    case 'never':
      return withOwnWords(clientError, status);
    case 'credit':
      return withOwnWords(forbidden, status);
    case 'key':
      return authError;
    case 'model':
      return modelUnavailable;
    case null:
      break;
    default:
      return subject satisfies never;
  }
  if (status === 401) return authError;
  if (status === 403) return withOwnWords(forbidden, status);
  if (status === 429) return rateLimited;
  if (status === 408 || status >= 500) return serverError;
  if (status >= 400) return withOwnWords(clientError, status);
  // A 1xx or 3xx (redirects are not followed) and a 2xx that was not understood.
  return unreadable;
}

/** The caller's own error goes back as a 4xx, whatever it came as. */
function withOwnWords(judgement: Judgement, status: number): Judgement {
  return { ...judgement, ownStatus: status >= 400 && status < 500 ? status : 400 };
}
