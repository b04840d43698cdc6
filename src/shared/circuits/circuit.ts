/**
 * One provider's circuit as a pure machine: `step(circuit, event, nowMs, options)` says what follows, and nothing else
 * changes it. It reads no clock and draws no number; both come in.
 *
 *            the trip rule                  its time has come
 *   closed ────────────────▶ open ────────────────────────────▶ half-open ──┐ lease asked, returned,
 *     ▲                        ▲            the probe failed        │  ▲     │ expired, or its probe
 *     │                        └────── (twice as long, to a limit) ─┤  └─────┘ ended neutral
 *     └──────────────────────────── the probe succeeded, or reset ──┘
 *
 * What ends while the circuit is not closed was sent before it opened, and is ignored unless it is the probe. Likewise,
 * what was sent before the circuit closed is ignored after: the stragglers of an outage must not open it again.
 */
import type { CircuitOptions } from '../config.ts';
import type { Verdict } from '../events.ts';
import { MAX_RETRY_AFTER_MS } from './cooldown-length.ts';
import { OutcomeWindow, trips } from './trip-rule.ts';

/** Leave to send the one probe of a half-open circuit. */
interface Lease {
  /** Unique among all leases of its giver. */
  readonly number: number;
  /** Id of the worker that has it. */
  readonly worker: string;
  /** From then on no probe under it can still be waiting for its verdict, so that a lost one blocks nobody. */
  readonly expiresMs: number;
}

export type Circuit =
  | {
      readonly state: 'closed';
      /** Attempts that were sent before do not count. */
      readonly sinceMs: number;
      readonly window: OutcomeWindow;
    }
  | {
      readonly state: 'open';
      /** When its probe is due. */
      readonly untilMs: number;
      /** Probes failed in a row; each doubled the length. */
      readonly failedProbes: number;
      /** Failures in the window that opened it, and its failed probes. */
      readonly failures: number;
    }
  | {
      readonly state: 'half-open';
      readonly failedProbes: number;
      readonly failures: number;
      /** Null: due, the next to ask gets it. */
      readonly lease: Lease | null;
    };

/** An attempt's verdict, or one of a sum of such. */
export interface AttemptVerdict {
  readonly type: 'attempt-ended';
  readonly worker: string;
  /** Number of the request within its worker; null for one of a sum. */
  readonly request: number | null;
  /** Not the request's first attempt at this provider: its verdict replaces the earlier one's. */
  readonly again: boolean;
  readonly sentMs: number;
  readonly verdict: Verdict;
  /** The lease it was sent under, if it was. */
  readonly lease: number | null;
  /** The provider's Retry-After; an opening lasts at least so long. */
  readonly retryAfterMs: number;
  /** 0..1, drawn by the caller, where an opening's length falls in its ±10 %. */
  readonly jitter: number;
}

export type CircuitEvent =
  | AttemptVerdict
  | { readonly type: 'probe-committed'; readonly lease: number }
  | { readonly type: 'lease-asked'; readonly lease: Lease }
  | { readonly type: 'lease-returned'; readonly lease: number }
  | { readonly type: 'worker-lost'; readonly worker: string }
  | { readonly type: 'time-passed' }
  | { readonly type: 'reset' };

const JITTER_SHARE = 0.1;

/** A closed circuit that knows nothing yet; attempts sent before `nowMs` will not count. */
export function closedCircuit(nowMs: number): Circuit {
  return { state: 'closed', sinceMs: nowMs, window: OutcomeWindow.empty };
}

/** The circuit after `event`; the very same object when nothing changed. */
export function step(circuit: Circuit, event: CircuitEvent, nowMs: number, options: CircuitOptions): Circuit {
  const current = afterTime(circuit, nowMs);
  switch (event.type) {
    case 'attempt-ended':
      if (holds(current, event.lease)) return probed(current, event, nowMs, options);
      return current.state === 'closed' ? counted(current, event, nowMs, options) : current;
    case 'probe-committed':
      return holds(current, event.lease) ? closedCircuit(nowMs) : current;
    case 'lease-asked':
      return current.state === 'half-open' && current.lease === null ? { ...current, lease: event.lease } : current;
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

type Closed = Extract<Circuit, { state: 'closed' }>;
type HalfOpen = Extract<Circuit, { state: 'half-open' }>;

/** What time alone makes of a circuit. */
function afterTime(circuit: Circuit, nowMs: number): Circuit {
  switch (circuit.state) {
    case 'closed':
      return circuit;
    case 'open': {
      if (nowMs < circuit.untilMs) return circuit;
      const { failedProbes, failures } = circuit;
      return { state: 'half-open', failedProbes, failures, lease: null };
    }
    case 'half-open':
      return circuit.lease !== null && nowMs >= circuit.lease.expiresMs ? { ...circuit, lease: null } : circuit;
    default:
      return circuit satisfies never;
  }
}

function holds(circuit: Circuit, lease: number | null): circuit is HalfOpen {
  return lease !== null && circuit.state === 'half-open' && circuit.lease?.number === lease;
}

function probed(circuit: HalfOpen, event: AttemptVerdict, nowMs: number, options: CircuitOptions): Circuit {
  switch (event.verdict) {
    case 'success':
      return closedCircuit(nowMs);
    case 'failure':
      return opened(circuit.failedProbes + 1, circuit.failures + 1, event, nowMs, options);
    case 'neutral':
      return { ...circuit, lease: null };
    default:
      return event.verdict satisfies never;
  }
}

function counted(circuit: Closed, event: AttemptVerdict, nowMs: number, options: CircuitOptions): Circuit {
  if (event.verdict === 'neutral' || event.sentMs < circuit.sinceMs) return circuit;
  const { worker, request } = event;
  const outcome = { worker, request, failure: event.verdict === 'failure', atMs: nowMs };
  const window = event.again ? circuit.window.replace(outcome, options) : circuit.window.add(outcome, options);
  if (outcome.failure && trips(window, options)) return opened(0, window.failures, event, nowMs, options);
  return { ...circuit, window };
}

/** Jitter comes before the floor: a provider's Retry-After is never cut short. */
function opened(
  failedProbes: number,
  failures: number,
  event: Pick<AttemptVerdict, 'retryAfterMs' | 'jitter'>,
  nowMs: number,
  options: CircuitOptions,
): Circuit {
  const lengthMs = Math.min(options.openForMs * 2 ** failedProbes, options.maxOpenForMs);
  const jitteredMs = lengthMs * (1 + JITTER_SHARE * (2 * event.jitter - 1));
  const floorMs = Math.min(event.retryAfterMs, MAX_RETRY_AFTER_MS);
  return { state: 'open', untilMs: nowMs + Math.max(jitteredMs, floorMs), failedProbes, failures };
}
