/**
 * The only file that decides whether an attempt failed. Retries, failover, circuits, metric labels, log lines and answers
 * all read its judgement; no other code decides by a status code or by what kind a fault is. `src/README.md` shows the
 * same rules as a table.
 */
import type { ConnectReason } from './egress/connect-fault.ts';
import type { Verdict } from './events.ts';
import { type Judgement, judgements, type Ruling, rulings } from './judgements.ts';

/** What an error is about, as far as the provider's own words say so; null where they do not. */
export type Subject =
  /** The gateway's credentials. */
  | 'key'
  /** What a broker's own provider said to the broker. */
  | 'behind'
  /** The page of what stands before the provider, which has not seen the request. */
  | 'firewall'
  /** There is no such API. */
  | 'address'
  /** No room for this kind of request. */
  | 'capacity'
  /** The provider's own failure, under a 4xx. */
  | 'provider'
  /** This model at this provider. */
  | 'model'
  /** The prompt is too long. */
  | 'length'
  /** A rate limit that this request alone exceeds. */
  | 'never'
  /** More than the credit that is left, for this request alone. */
  | 'credit'
  /** This prompt is against the provider's rules. */
  | 'content'
  /** What this request asks for cannot be had there, for instance an image from a model without eyes. */
  | 'request'
  /** What the model has made of this request was in a wrong form: another one, or another try, may do better. */
  | 'form'
  | 'endpoint'
  | null;

/** What went wrong in one attempt, before it is judged. */
export type AttemptFault =
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
  /**
   * DNS, connect or TLS; `established`: the connection was there, and was reset before a status line; `large`: with a
   * request longer than some servers take, which many refuse in this way; `reason`: what is known of why there was none.
   */
  | {
      readonly kind: 'connection';
      readonly established: boolean;
      readonly large?: boolean;
      readonly reason?: ConnectReason | null;
    }
  /** The stream ended or broke before its terminal. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'timeout'; readonly phase: 'connect' | 'headers' | 'first_content' | 'stall' | 'total' }
  /**
   * An answer did not come while another target could be used, and cannot be blamed: attempts before it had left it little
   * time, or the provider showed that it works on a stream.
   */
  | { readonly kind: 'hurried'; readonly phase: 'headers' | 'first_content' }
  /** A limit of the gateway, not a fault of the provider: the longest stream, the end of a drain. */
  | { readonly kind: 'limit' }
  /**
   * The request's time was over, and this attempt had less than half of it; `ofProviders`: what came before were providers
   * that had failed or not answered, and hardly anything else.
   */
  | { readonly kind: 'out-of-time'; readonly ofProviders: boolean }
  /** The client would have waited no longer, though the gateway would. */
  | { readonly kind: 'client-deadline' }
  /** The gateway or its host lacked something (a descriptor, memory, a port, a resolver's answer): nobody's failure. */
  | { readonly kind: 'gateway-limit' }
  /** An answer that came, and is paid, while this worker had no memory left for it. */
  | { readonly kind: 'no-room' }
  /** Fetched credentials have not come, or are taken no more: the gateway's or the operator's to put right. */
  | { readonly kind: 'no-credentials' }
  | { readonly kind: 'client-gone' };

/** How long a target cools down when its quota is exhausted, a key that was refused, a model that its provider lacks. */
export const QUOTA_COOLDOWN_MS = 300_000;
export const AUTH_COOLDOWN_MS = 60_000;
export const MODEL_COOLDOWN_MS = 300_000;

/**
 * Judges a failed attempt. Total: every fault has a judgement, a constant one where nothing but its kind matters.
 *
 * @param isModelAsked whether the client has named the model that an error is about, as by a pattern's star: that it is not
 *   there is then the client's
 */
export function classify(fault: AttemptFault, isModelAsked = false): Judgement {
  switch (fault.kind) {
    case 'status':
      return byStatus(fault, isModelAsked);
    case 'error-event':
      return byErrorEvent(fault, isModelAsked);
    case 'unreadable':
      return judgements.unreadable;
    case 'wrong-form':
      return judgements.wrongForm;
    case 'oversized':
      return judgements.oversized[fault.part];
    case 'empty':
      return judgements.empty;
    case 'connection':
      if (fault.reason) return judgements.unconnectable[fault.reason];
      if (!fault.established) return judgements.unconnected;
      return fault.large === true ? judgements.resetUpload : judgements.reset;
    case 'cut':
      return judgements.cut;
    case 'timeout':
      return judgements.timeout[fault.phase];
    case 'hurried':
      return judgements.hurried[fault.phase];
    case 'limit':
      return judgements.ownLimit;
    case 'out-of-time':
      return fault.ofProviders ? judgements.outOfTime : judgements.ownLimit;
    case 'client-deadline':
      return judgements.clientDeadline;
    case 'gateway-limit':
      return judgements.gatewayLimit;
    case 'no-room':
      return judgements.noRoom;
    case 'no-credentials':
      return judgements.noCredentials;
    case 'client-gone':
      return judgements.clientGone;
    default:
      return fault satisfies never;
  }
}

function byStatus(fault: Extract<AttemptFault, { kind: 'status' }>, isModelAsked: boolean): Judgement {
  const { status, quota, subject, page = false } = fault;
  // No provider says this (RFC 9110, 15.5.8): it comes from a proxy that stands before it.
  if (status === 407) return judgements.unconnectable['proxy-auth'];
  return {
    ...rulingOf(status, quota, subject, isModelAsked),
    keyVerdict: page ? 'neutral' : keyVerdict(status, quota, subject),
    streamOutcome: 'cut',
    label: String(status),
  };
}

/** Without a status that its words stand for, it is the provider's own failure. */
function byErrorEvent(fault: Extract<AttemptFault, { kind: 'error-event' }>, isModelAsked: boolean): Judgement {
  const { status, quota, subject } = fault;
  return {
    ...rulingOf(status ?? 500, quota, subject, isModelAsked),
    keyVerdict: keyVerdict(status ?? 500, quota, subject),
    streamOutcome: 'error_event',
    label: status === null ? 'error-event' : `error-event-${status}`,
  };
}

/** Statuses that a provider gives once it has accepted the key. A proxy before it also says 405, 408 or 413. */
const statusesOfAcceptedKeys: ReadonlySet<number> = new Set([400, 402, 404, 409, 410, 422, 429]);

/** What an error says of the provider's key. An error whose words name the key is judged at once, by its ruling. */
function keyVerdict(status: number, quota: boolean, subject: Subject): Verdict {
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
function rulingOf(status: number, quota: boolean, subject: Subject, isModelAsked: boolean): Ruling {
  if (quota) return rulings.quotaExhausted;
  switch (subject) {
    case 'length':
      return withOwnWords(rulings.tooLong, status);
    case 'content':
    case 'never':
      return withOwnWords(rulings.clientError, status);
    case 'request':
      // A key was not accepted together with what the request names; another one may be.
      return withOwnWords(status === 401 ? rulings.forbidden : rulings.clientError, status);
    case 'credit':
    case 'form':
    case 'endpoint':
      return withOwnWords(rulings.forbidden, status);
    case 'key':
      return rulings.authError;
    case 'behind':
      return status === 403 ? withOwnWords(rulings.forbidden, status) : rulings.refusedBehind;
    case 'address':
      return rulings.wrongAddress;
    case 'capacity':
      return rulings.noCapacity;
    case 'provider':
      return rulings.serverError;
    case 'firewall':
      return withOwnWords(rulings.forbidden, status);
    case 'model':
      if (!isModelAsked) return rulings.modelUnavailable;
      return withOwnWords(rulings.forbidden, status === 401 || status >= 500 ? 404 : status);
    case null:
      break;
    default:
      return subject satisfies never;
  }
  if (status === 401) return rulings.authError;
  if (status === 403) return withOwnWords(rulings.forbidden, status);
  if (status === 429) return rulings.rateLimited;
  if (status === 408 || status >= 500) return rulings.serverError;
  if (status >= 400) return withOwnWords(rulings.clientError, status);
  // A 1xx or 3xx (redirects are not followed) and a 2xx that was not understood.
  return rulings.unreadable;
}

/** The caller's own error goes back as a 4xx, whatever it came as; a 401 would say that the client's key is wrong. */
function withOwnWords(ruling: Ruling, status: number): Ruling {
  return { ...ruling, ownStatus: status >= 400 && status < 500 && status !== 401 ? status : 400 };
}
