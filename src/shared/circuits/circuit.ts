/**
 * One provider's circuit as a pure state machine: only `step(circuit, event, nowMs, options)` changes its state. The
 * time and random numbers are passed in.
 *
 *            the trip rule                  its open time ends
 *   closed ────────────────▶ open ────────────────────────────▶ half-open ──┐ lease granted, returned,
 *     ▲                        ▲            the probe failed        │  ▲     │ expired, or its probe
 *     │                        └────── (twice as long, to a limit) ─┤  └─────┘ ended neutral
 *     └──────────────────────────── the probe succeeded, or reset ──┘
 *
 * An attempt that ends while the circuit is not closed is ignored unless it is the probe: it was sent before the
 * circuit opened. After the circuit has closed, attempts that were sent before are ignored too, since late failures of
 * an outage must not open it again.
 */
import type { CircuitOptions } from '../config.ts';
import type { Verdict } from '../events.ts';
import { MAX_RETRY_AFTER_MS } from './cooldown-length.ts';
import { OutcomeWindow, trips } from './trip-rule.ts';

/** Permission to send the one probe of a half-open circuit. */
interface Lease {
  /** Unique among all leases of the process that grants them. */
  readonly number: number;
  /** Id of the worker that holds it. */
  readonly worker: string;
  /** After this time no probe can still wait for its verdict, so a lost lease does not block other workers. */
  readonly expiresMs: number;
}

export type Circuit =
  | {
      readonly state: 'closed';
      /** Attempts that were sent before this time do not count. */
      readonly sinceMs: number;
      readonly window: OutcomeWindow;
    }
  | {
      readonly state: 'open';
      /** When its probe is due. */
      readonly untilMs: number;
      /** Failed probes in a row; each doubled the open time. */
      readonly failedProbes: number;
      /** Failures in the window that opened it, plus its failed probes. */
      readonly failures: number;
    }
  | {
      readonly state: 'half-open';
      readonly failedProbes: number;
      readonly failures: number;
      /** Null: the probe is due, and the next worker that asks gets the lease. */
      readonly lease: Lease | null;
    };

/** The verdict of an attempt, or one verdict of a sum. */
export interface AttemptVerdict {
  readonly type: 'attempt-ended';
  readonly worker: string;
  /** Number of the request within its worker; null for a verdict of a sum. */
  readonly request: number | null;
  /** True unless it is the request's first attempt at this provider; its verdict then replaces the earlier one. */
  readonly again: boolean;
  readonly sentMs: number;
  readonly verdict: Verdict;
  /** The number of its lease; null if it is not a probe. */
  readonly lease: number | null;
  /** The provider's Retry-After, in ms; the circuit stays open at least that long. */
  readonly retryAfterMs: number;
  /** Random number 0..1 from the caller; it varies the open time by ±10 %. */
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

/** A closed circuit with an empty window; attempts that were sent before `nowMs` do not count. */
export function closedCircuit(nowMs: number): Circuit {
  return { state: 'closed', sinceMs: nowMs, window: OutcomeWindow.empty };
}

/** The circuit after `event`; the same object when nothing changed. */
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

/** The circuit after the passing of time: an open one may become half-open, a lease may expire. */
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

/** An open circuit. The jitter is applied before the minimum, so that it never shortens a provider's Retry-After. */
function opened(
  failedProbes: number,
  failures: number,
  event: Pick<AttemptVerdict, 'retryAfterMs' | 'jitter'>,
  nowMs: number,
  options: CircuitOptions,
): Circuit {
  const lengthMs = Math.min(options.openForMs * 2 ** failedProbes, options.maxOpenForMs);
  const jitteredMs = lengthMs * (1 + JITTER_SHARE * (2 * event.jitter - 1));
  const minimumMs = Math.min(event.retryAfterMs, MAX_RETRY_AFTER_MS);
  return { state: 'open', untilMs: nowMs + Math.max(jitteredMs, minimumMs), failedProbes, failures };
}
