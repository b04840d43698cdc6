/**
 * A circuit as a pure machine: `step(circuit, event, nowMs, options)` returns what follows, and nothing else changes it.
 * Both kinds use it: the circuit of a target, which its answers feed, and the circuit of a provider, which its
 * connections feed. It reads no clock and draws no random number; both come in.
 *
 *            the trip rule                  its time has come
 *   closed ────────────────▶ open ────────────────────────────▶ half-open ──┐ lease given, returned, too old,
 *     ▲                      │  ▲            a probe failed          │  ▲     │ or its probe ended neutral
 *     │                      │  └────── (twice as long, to a limit) ─┤  └─────┘
 *     └── a probe succeeded, ┴───────────────────────────────────────┘
 *         also a late one, or reset
 *
 * What ends while the circuit is not closed was sent before it opened, and is ignored unless it is a probe. Likewise,
 * what was sent before the circuit closed is ignored after: the stragglers of an outage must not open it again.
 *
 * One probe at a time is out, but one that hangs blocks nobody for long: when its lease is old, the next to ask gets
 * one. Leases have rising numbers, so two numbers tell probes apart: a success closes the circuit if its lease was given
 * since the circuit opened, a failure opens it again if its lease was given since the circuit last became due.
 */
import type { CircuitOptions } from '../config.ts';
import type { Verdict } from '../events.ts';
import { MAX_RETRY_AFTER_MS } from './cooldown-length.ts';
import { type Outcome, OutcomeWindow, trips } from './trip-rule.ts';

/**
 * How long a lease keeps others from probing. A little less than the 5 s after which a circuit with a hanging probe is
 * promised to be probed again: the request that asks comes a moment later.
 */
export const LEASE_FRESH_MS = 4_500;

/** Permission to send a probe of a half-open circuit. */
export interface Lease {
  /** Higher than that of every lease before it. */
  readonly number: number;
  /** Id of the worker that has it. */
  readonly worker: string;
  /** From then on the next to ask gets another lease. */
  readonly freshUntilMs: number;
}

interface NotClosed {
  /** Probes failed in a row; each doubled the length. */
  readonly failedProbes: number;
  /** Failures that opened it, and its failed probes. */
  readonly failures: number;
  /** What opened it, and its failed probes, until they grow too old. */
  readonly window: OutcomeWindow;
  /** Number of the first lease given since it opened; null before the first. */
  readonly firstLease: number | null;
}

export type Circuit =
  | {
      readonly state: 'closed';
      /** Attempts that were sent before do not count. */
      readonly sinceMs: number;
      readonly window: OutcomeWindow;
    }
  | (NotClosed & {
      readonly state: 'open';
      /** When its probe is due. */
      readonly untilMs: number;
    })
  | (NotClosed & {
      readonly state: 'half-open';
      /** Number of the first lease given since it became due; null before the first. */
      readonly dueLease: number | null;
      /** The newest; null: the next to ask gets one. */
      readonly lease: Lease | null;
    });

/** An attempt's verdict, or one of a sum of such. */
export interface AttemptVerdict {
  readonly type: 'attempt-ended';
  readonly worker: string;
  /** Number of the request within its worker; null for one of a sum. */
  readonly request: number | null;
  /** Not the request's first attempt here: its verdict replaces the earlier one's. */
  readonly again: boolean;
  readonly sentMs: number;
  readonly verdict: Verdict;
  /** Identifies the request's body; null where it is not known. */
  readonly body: number | null;
  /** The lease it was sent under, if it was. */
  readonly lease: number | null;
  /** The provider's Retry-After; an opening lasts at least so long. */
  readonly retryAfterMs: number;
  /** 0..1, drawn by the caller, where an opening's length falls in its ±10 %. */
  readonly jitter: number;
}

export type CircuitEvent =
  | AttemptVerdict
  /** The probe has succeeded, though its attempt has not ended. */
  | { readonly type: 'probe-succeeded'; readonly lease: number }
  /** The caller has decided that it opens: of a provider, most of whose targets fail. */
  | { readonly type: 'tripped'; readonly failures: number; readonly jitter: number }
  | { readonly type: 'lease-asked'; readonly lease: Lease }
  | { readonly type: 'lease-returned'; readonly lease: number }
  | { readonly type: 'worker-lost'; readonly worker: string }
  | { readonly type: 'time-passed' }
  | { readonly type: 'reset' };

const JITTER_SHARE = 0.1;

/** A closed circuit without outcomes; attempts sent before `nowMs` will not count. */
export function closedCircuit(nowMs: number): Circuit {
  return { state: 'closed', sinceMs: nowMs, window: OutcomeWindow.empty };
}

/** The circuit after `event`; the very same object when nothing changed. */
export function step(circuit: Circuit, event: CircuitEvent, nowMs: number, options: CircuitOptions): Circuit {
  const current = afterTime(circuit, nowMs);
  switch (event.type) {
    case 'attempt-ended':
      return current.state === 'closed'
        ? counted(current, event, nowMs, options)
        : probed(current, event, nowMs, options);
    case 'probe-succeeded':
      return isProbe(current, event.lease) ? closedCircuit(nowMs) : current;
    case 'tripped':
      if (current.state !== 'closed') return current;
      return opened({ ...openedFirst(current.window), failures: event.failures }, event, 0, nowMs, options);
    case 'lease-asked':
      return mayLease(current, nowMs) ? leased(current, event.lease) : current;
    case 'lease-returned':
      return holds(current, event.lease) ? { ...current, lease: null } : current;
    case 'worker-lost':
      return current.state === 'half-open' && current.lease?.worker === event.worker
        ? { ...current, lease: null }
        : current;
    case 'time-passed':
      return current;
    case 'reset':
      return closedCircuit(nowMs);
    default:
      return event satisfies never;
  }
}

/** Whether a probe may be sent now: the circuit is due, and no fresh lease is out. */
export function mayLease(circuit: Circuit, nowMs: number): circuit is HalfOpen {
  return circuit.state === 'half-open' && (circuit.lease === null || nowMs >= circuit.lease.freshUntilMs);
}

type Closed = Extract<Circuit, { state: 'closed' }>;
type Open = Extract<Circuit, { state: 'open' }>;
type HalfOpen = Extract<Circuit, { state: 'half-open' }>;

/** What time alone makes of a circuit. */
function afterTime(circuit: Circuit, nowMs: number): Circuit {
  if (circuit.state !== 'open' || nowMs < circuit.untilMs) return circuit;
  const { failedProbes, failures, window, firstLease } = circuit;
  return { state: 'half-open', failedProbes, failures, window, firstLease, dueLease: null, lease: null };
}

function leased(circuit: HalfOpen, lease: Lease): HalfOpen {
  return {
    ...circuit,
    firstLease: circuit.firstLease ?? lease.number,
    dueLease: circuit.dueLease ?? lease.number,
    lease,
  };
}

/** Whether this lease was given since the circuit opened. */
function isProbe(circuit: Circuit, lease: number | null): boolean {
  if (circuit.state === 'closed' || lease === null) return false;
  return circuit.firstLease !== null && lease >= circuit.firstLease;
}

/** Whether this is the newest lease. */
function holds(circuit: Circuit, lease: number | null): circuit is HalfOpen {
  return lease !== null && circuit.state === 'half-open' && circuit.lease?.number === lease;
}

function probed(circuit: Open | HalfOpen, event: AttemptVerdict, nowMs: number, options: CircuitOptions): Circuit {
  if (!isProbe(circuit, event.lease)) return circuit;
  switch (event.verdict) {
    case 'success':
      return closedCircuit(nowMs);
    case 'failure': {
      if (circuit.state === 'open' || event.lease === null) return circuit;
      if (circuit.dueLease === null || event.lease < circuit.dueLease) return circuit;
      const { failedProbes, failures, window, firstLease } = circuit;
      const after = { window: window.add(outcomeOf(event, nowMs), options), firstLease };
      const counts = { failedProbes: failedProbes + 1, failures: failures + 1 };
      return opened({ ...after, ...counts }, event, event.retryAfterMs, nowMs, options);
    }
    case 'neutral':
      return holds(circuit, event.lease) ? { ...circuit, lease: null } : circuit;
    default:
      return event.verdict satisfies never;
  }
}

function counted(circuit: Closed, event: AttemptVerdict, nowMs: number, options: CircuitOptions): Circuit {
  if (event.verdict === 'neutral' || event.sentMs < circuit.sinceMs) return circuit;
  const outcome = outcomeOf(event, nowMs);
  const window = event.again ? circuit.window.replace(outcome, options) : circuit.window.add(outcome, options);
  if (outcome.failure && trips(window, nowMs, options)) {
    return opened(openedFirst(window), event, event.retryAfterMs, nowMs, options);
  }
  return { ...circuit, window };
}

function outcomeOf({ worker, request, verdict, body, sentMs }: AttemptVerdict, atMs: number): Outcome {
  return { worker, request, failure: verdict === 'failure', body, sentMs, atMs };
}

/** What is known of a circuit that was closed until now. */
function openedFirst(window: OutcomeWindow): NotClosed {
  return { failedProbes: 0, failures: window.failures, window, firstLease: null };
}

/** Jitter comes before the floor: a provider's Retry-After is never cut short. */
function opened(
  known: NotClosed,
  { jitter }: Pick<AttemptVerdict, 'jitter'>,
  retryAfterMs: number,
  nowMs: number,
  options: CircuitOptions,
): Circuit {
  const lengthMs = Math.min(options.openForMs * 2 ** known.failedProbes, options.maxOpenForMs);
  const jitteredMs = lengthMs * (1 + JITTER_SHARE * (2 * jitter - 1));
  const floorMs = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
  return { state: 'open', untilMs: nowMs + Math.max(jitteredMs, floorMs), ...known };
}
