/**
 * The only file that decides whether an attempt failed. Retries, failover, circuits and metric labels all use it; no
 * other code decides by a status code. `src/README.md` shows the same rules as a table.
 */
import type { ErrorCode } from './errors.ts';
import type { AttemptOutcome, CooldownReason, Verdict } from './events.ts';

/** What an error is about, as far as the provider's own words say so; null where they do not. */
export type Subject =
  | 'key'
  | 'behind'
  | 'firewall'
  | 'address'
  | 'capacity'
  | 'provider'
  | 'model'
  | 'length'
  | 'never'
  | 'credit'
  | 'content'
  | 'request'
  | null;

/** The result of one attempt, before it is classified. */
export type AttemptResult =
  | { readonly kind: 'success' }
  /**
   * The provider answered with an error status; `quota`: its 4xx says that money or quota has run out; `page`: its body
   * is markup, the page of a firewall or proxy before the provider.
   */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly quota: boolean;
      readonly subject: Subject;
      readonly page?: boolean;
    }
  /** An error event inside a 200; `status` is the one that its words stand for, where known. */
  | { readonly kind: 'error-event'; readonly status: number | null; readonly quota: boolean; readonly subject: Subject }
  | { readonly kind: 'unreadable' }
  /** A 200 that is sound, but neither of the forms that its dialect has: the provider would answer the same again. */
  | { readonly kind: 'wrong-form' }
  /** A 200 whose lack of content nothing explains. */
  | { readonly kind: 'empty' }
  /** An answer that is there, and paid, but longer than the gateway takes. */
  | { readonly kind: 'oversized'; readonly part: 'head' | 'body' }
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
  /** An answer that came, and is paid, while this worker had no memory left for it. */
  | { readonly kind: 'no-room' }
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
/** Another answer would find no more room, and be paid as well. */
const noRoom = judge('gateway_limit', 'neutral', 'final', 'overloaded');
const clientError = judge('client_error', 'neutral', 'final', 'request_rejected');
const tooLong = judge('client_error', 'neutral', 'final', 'context_length_exceeded');
/** Nobody else's request would fail for it, and another provider may take this one. */
const forbidden = judge('client_error', 'neutral', 'failover', 'request_rejected');
const authError = judge('auth_error', 'neutral', 'failover', 'provider_auth', 'auth');
const refusedBehind = judge('server_error', 'failure', 'failover', 'provider_error');
const modelUnavailable = judge('model_unavailable', 'neutral', 'failover', 'model_unavailable', 'model');
const rateLimited = judge('rate_limited', 'neutral', 'failover', 'rate_limited', 'rate_limited');
/** No cooldown: a client may have asked for the tier that is full. */
const noCapacity = judge('rate_limited', 'neutral', 'failover', 'rate_limited');
const wrongAddress = judge('bad_response', 'neutral', 'failover', 'provider_address');
const quotaExhausted = judge('rate_limited', 'neutral', 'failover', 'rate_limited', 'quota');
const serverError = judge('server_error', 'failure', 'retry', 'provider_error');
const unreadable = judge('bad_response', 'failure', 'retry', 'provider_error');
/** The provider works, and would answer the same again, at the same price. */
const wrongForm = judge('bad_response', 'neutral', 'failover-once', 'provider_error');
const oversized = {
  head: judge('bad_response', 'neutral', 'failover', 'provider_error'),
  // Another would be as long, and paid as well.
  body: judge('bad_response', 'neutral', 'final', 'provider_error'),
} as const;
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
    case 'wrong-form':
      return wrongForm;
    case 'oversized':
      return oversized[result.part];
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
    case 'no-room':
      return noRoom;
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
    case 'wrong-form':
    case 'oversized':
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
    case 'no-room':
    case 'client-gone':
      return 'neutral';
    default:
      return result satisfies never;
  }
}

/** Statuses that a provider gives once it has accepted the key. A proxy before it also says 405, 408 or 413. */
const statusesOfAcceptedKeys: ReadonlySet<number> = new Set([400, 402, 404, 409, 410, 422, 429]);

/**
 * What an attempt says of the provider's key. A success: it was accepted. A failure: a 403 whose words do not say what it
 * is about, of which several different ones in a row mean the key. An error whose words name the key is judged at once.
 */
export function keyVerdict(result: AttemptResult): Verdict {
  switch (result.kind) {
    case 'success':
    case 'empty':
      return 'success';
    case 'status':
      return result.page === true ? 'neutral' : keyByStatus(result.status, result.quota, result.subject);
    case 'error-event':
      return keyByStatus(result.status ?? 500, result.quota, result.subject);
    case 'unreadable':
    case 'wrong-form':
    case 'oversized':
    case 'cut':
    case 'connection':
    case 'timeout':
    case 'hurried':
    case 'limit':
    case 'gateway-limit':
    case 'no-room':
    case 'client-gone':
      return 'neutral';
    default:
      return result satisfies never;
  }
}

function keyByStatus(status: number, quota: boolean, subject: Subject): Verdict {
  if (quota) return 'success';
  // What stands at a wrong address has not looked at the key.
  if (subject === 'address') return 'neutral';
  if (status === 403) return subject === null ? 'failure' : 'neutral';
  return subject !== 'key' && statusesOfAcceptedKeys.has(status) ? 'success' : 'neutral';
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
    case 'request':
      return withOwnWords(clientError, status);
    case 'credit':
      return withOwnWords(forbidden, status);
    case 'key':
      return authError;
    case 'behind':
      return status === 403 ? withOwnWords(forbidden, status) : refusedBehind;
    case 'address':
      return wrongAddress;
    case 'capacity':
      return noCapacity;
    case 'provider':
      return serverError;
    case 'firewall':
      return withOwnWords(forbidden, status);
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
