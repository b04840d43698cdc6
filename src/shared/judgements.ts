/**
 * What a judgement says, and all of them that there are: `classify.ts` finds the one for a fault. Whoever has to act on
 * an attempt's end reads its judgement's fields; nobody compares what kind of a failure it was.
 */
import type { ConnectReason } from './egress/connect-fault.ts';
import type { ErrorCode } from './errors.ts';
import type { AttemptOutcome, CooldownReason, StreamOutcome, Verdict } from './events.ts';

export interface Judgement {
  /** What it is called in metrics and in the log. */
  readonly outcome: AttemptOutcome;
  /** For the target's circuit. */
  readonly verdict: Verdict;
  /**
   * For the provider's circuit: a failure if no connection was made, a success if a status line came, whatever it says,
   * else nothing. All that happens on a connection is the target's.
   */
  readonly providerVerdict: Verdict;
  /**
   * For the provider's key. A success: it was accepted. A failure: a 403 whose words do not say what it is about, of
   * which several different ones in a row mean the key.
   */
  readonly keyVerdict: Verdict;
  /**
   * What may follow while nothing is committed. `final`: the answer goes back as it is. `failover`: another target
   * immediately, never the same. `failover-once`: the same, but only once for a request. `retry`: the same provider
   * again, then another. `failover-first`: another if there is one, else the same again.
   */
  readonly next: 'final' | 'failover' | 'failover-once' | 'retry' | 'failover-first';
  /** Whether other models may take the request that this one cannot: those that it falls back to for this reason. */
  readonly fallback: 'context' | null;
  /** Why its target, or its provider's key, cools down; null where nothing does. */
  readonly cooldown: CooldownReason | null;
  /**
   * What the failure is called in metrics, log and error body when nothing is left to try; null where it is none: after
   * a success, and when the client itself has left.
   */
  readonly code: ErrorCode | null;
  /** The status under which the provider's own words go back; null where the client gets an error of ours. */
  readonly ownStatus: number | null;
  /** Whether the same request may succeed if its client sends it again later, when nothing is left to try now. */
  readonly clientMayRetry: boolean;
  /** Whether it ended before its target had answered, by nobody's fault: an answer takes longer than that. */
  readonly givenUp: boolean;
  /** How a stream ended by it that was committed. */
  readonly streamOutcome: StreamOutcome;
  /** A short word for `x-headgate-attempts` and the log: the status if there is one, else the kind of the failure. */
  readonly label: string;
  /** What only the operator can put right, and is told; null where there is nothing. */
  readonly notice: 'refused-key' | 'wrong-address' | 'missing-model' | 'host-lack' | 'egress' | 'no-credentials' | null;
}

/** What follows from the words or the class of an error, whatever its very status is. */
export type Ruling = Omit<Judgement, 'keyVerdict' | 'streamOutcome' | 'label'>;

function rule(
  outcome: AttemptOutcome,
  verdict: Verdict,
  next: Judgement['next'],
  code: ErrorCode | null,
  more: Partial<Ruling> = {},
): Ruling {
  return {
    outcome,
    verdict,
    providerVerdict: 'success',
    next,
    fallback: null,
    cooldown: null,
    code,
    ownStatus: null,
    clientMayRetry: false,
    givenUp: false,
    notice: null,
    ...more,
  };
}

function judge(
  label: string,
  ruling: Ruling,
  more: Partial<Pick<Judgement, 'keyVerdict' | 'streamOutcome'>> = {},
): Judgement {
  return { ...ruling, keyVerdict: 'neutral', streamOutcome: 'cut', label, ...more };
}

/** Of errors with a status, their own or the one that their words stand for. */
export const rulings = {
  clientError: rule('client_error', 'neutral', 'final', 'request_rejected'),
  tooLong: rule('client_error', 'neutral', 'final', 'context_length_exceeded', { fallback: 'context' }),
  /** Nobody else's request would fail for it, and another provider may take this one. */
  forbidden: rule('client_error', 'neutral', 'failover', 'request_rejected'),
  authError: rule('auth_error', 'neutral', 'failover', 'provider_auth', { cooldown: 'auth', notice: 'refused-key' }),
  refusedBehind: rule('server_error', 'failure', 'failover', 'provider_error'),
  modelUnavailable: rule('model_unavailable', 'neutral', 'failover', 'model_unavailable', {
    cooldown: 'model',
    notice: 'missing-model',
  }),
  rateLimited: rule('rate_limited', 'neutral', 'failover', 'rate_limited', {
    cooldown: 'rate_limited',
    clientMayRetry: true,
  }),
  /** No cooldown: a client may have asked for the tier that is full. */
  noCapacity: rule('rate_limited', 'neutral', 'failover', 'rate_limited', { clientMayRetry: true }),
  quotaExhausted: rule('rate_limited', 'neutral', 'failover', 'rate_limited', {
    cooldown: 'quota',
    clientMayRetry: true,
  }),
  wrongAddress: rule('bad_response', 'neutral', 'failover', 'provider_address', { notice: 'wrong-address' }),
  serverError: rule('server_error', 'failure', 'retry', 'provider_error'),
  unreadable: rule('bad_response', 'failure', 'retry', 'provider_error'),
} as const;

/** No connection was made. */
const ofTheProvider = { providerVerdict: 'failure' } as const;
/** Nothing is known of the provider. */
const ofNobody = { providerVerdict: 'neutral' } as const;
/** Nor of the target, but that it takes longer than it was waited for. */
const ofTheWait = { ...ofNobody, givenUp: true } as const;

/** Of an attempt that did not fail. */
export const success = judge('200', rule('success', 'success', 'final', null), {
  keyVerdict: 'success',
  streamOutcome: 'complete',
});

/** Of all faults that have no status. */
export const judgements = {
  clientGone: judge('client-gone', rule('client_gone', 'neutral', 'final', null, ofTheWait), {
    streamOutcome: 'client_gone',
  }),
  ownLimit: judge('limit', rule('timeout_total', 'neutral', 'final', 'time_limit', ofTheWait)),
  /** Its target had little time, so nothing is known of it; but those before it have used the time up. */
  outOfTime: judge('limit', rule('timeout_total', 'neutral', 'final', 'provider_timeout', ofTheWait)),
  clientDeadline: judge('client-deadline', rule('timeout_total', 'neutral', 'final', 'client_deadline', ofTheWait)),
  hurried: {
    headers: late('headers', rule('timeout_headers', 'neutral', 'failover-first', 'provider_timeout', ofTheWait)),
    first_content: late(
      'first_content',
      rule('timeout_first_content', 'neutral', 'failover-first', 'provider_timeout', ofTheWait),
    ),
  },
  gatewayLimit: judge(
    'gateway-limit',
    rule('gateway_limit', 'neutral', 'failover', 'overloaded', {
      ...ofNobody,
      clientMayRetry: true,
      notice: 'host-lack',
    }),
  ),
  /** Another answer would find no more room, and be paid as well. */
  noRoom: judge(
    'no-room',
    rule('gateway_limit', 'neutral', 'final', 'overloaded', { ...ofNobody, notice: 'host-lack' }),
  ),
  /** No other request is better off, but the credentials may come at any moment, so nothing cools down. */
  noCredentials: judge(
    'no-credentials',
    rule('no_credentials', 'neutral', 'failover', 'provider_credentials', {
      ...ofNobody,
      clientMayRetry: true,
      notice: 'no-credentials',
    }),
  ),
  unreadable: judge('unreadable', rulings.unreadable),
  /** The provider works, and would answer the same again, at the same price. */
  wrongForm: judge('wrong-form', rule('bad_response', 'neutral', 'failover-once', 'provider_error')),
  oversized: {
    head: judge('oversized', rule('bad_response', 'neutral', 'failover', 'provider_error')),
    // Another would be as long, and paid as well.
    body: judge('oversized', rule('bad_response', 'neutral', 'final', 'provider_error')),
  },
  empty: judge('empty', rule('empty_response', 'neutral', 'failover-once', 'provider_error'), {
    keyVerdict: 'success',
  }),
  unconnected: judge('connection', rule('connect_error', 'neutral', 'retry', 'provider_unreachable', ofTheProvider)),
  unconnectable: {
    'proxy-unreachable': barred('proxy-unreachable', 'retry', 'proxy_failed'),
    'proxy-auth': barred('proxy-auth', 'failover', 'proxy_failed'),
    'proxy-refused': barred('proxy-refused', 'failover', 'proxy_failed'),
    // What the provider's being down looks like from behind a proxy.
    'proxy-failed': barred('proxy-failed', 'retry', 'provider_unreachable', { notice: null }),
    'certificate-name': barred('certificate-name', 'failover', 'provider_untrusted'),
    'certificate-untrusted': barred('certificate-untrusted', 'failover', 'provider_untrusted'),
    'certificate-expired': barred('certificate-expired', 'failover', 'provider_unreachable'),
    'client-certificate': barred('client-certificate', 'failover', 'provider_auth'),
    'no-tls': barred('no-tls', 'failover', 'provider_address'),
    tls: barred('tls', 'retry', 'provider_unreachable'),
  } satisfies Readonly<Record<ConnectReason, Judgement>>,
  reset: judge('connection', rule('connect_error', 'failure', 'retry', 'provider_unreachable', ofNobody)),
  /** The client has made the request as long as it is. */
  resetUpload: judge(
    'connection',
    rule('connect_error', 'neutral', 'failover-first', 'provider_unreachable', ofNobody),
  ),
  cut: judge('cut', rule('stream_cut', 'failure', 'retry', 'provider_stream_cut')),
  timeout: {
    connect: late('connect', rule('timeout_connect', 'neutral', 'retry', 'provider_unreachable', ofTheProvider)),
    headers: late('headers', rule('timeout_headers', 'failure', 'failover-first', 'provider_timeout', ofNobody)),
    first_content: late(
      'first_content',
      rule('timeout_first_content', 'failure', 'failover-first', 'provider_timeout'),
    ),
    stall: late('stall', rule('timeout_stall', 'failure', 'retry', 'provider_stream_cut')),
    total: late('total', rule('timeout_total', 'failure', 'final', 'provider_timeout', ofNobody)),
  },
} as const;

function late(phase: string, ruling: Ruling): Judgement {
  return judge(`timeout-${phase}`, ruling, { streamOutcome: 'stalled' });
}

/** No connection could be made, for a reason that says who has to act. */
function barred(
  reason: ConnectReason,
  next: Judgement['next'],
  code: ErrorCode,
  more: Partial<Pick<Ruling, 'notice'>> = {},
): Judgement {
  return judge(reason, rule('connect_error', 'neutral', next, code, { ...ofTheProvider, notice: 'egress', ...more }));
}
