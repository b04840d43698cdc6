/**
 * Circuits that a worker judges by itself while the primary is silent: only those that came due in that time, from
 * their first probe on. The rules are the host's own (`step`), so one probe at a time is out for each and each failed one
 * doubles the wait. Nothing here reaches another worker.
 */

import { type Circuit, type CircuitEvent, LEASE_FRESH_MS, mayLease, step } from '../../shared/circuits/circuit.ts';
import type { CircuitState } from '../../shared/circuits/circuit-view.ts';
import { OutcomeWindow } from '../../shared/circuits/trip-rule.ts';
import type { CircuitOptions } from '../../shared/config.ts';
import type { Verdict } from '../../shared/events.ts';

/** Neither longer nor shorter: workers start their probes with requests of their own, and so apart already. */
const NO_JITTER = 0.5;
/** There is one worker here, and its name matters to nobody. */
const SELF = 'self';

const due: Circuit = {
  state: 'half-open',
  failedProbes: 0,
  failures: 0,
  window: OutcomeWindow.empty,
  firstLease: null,
  dueLease: null,
  lease: null,
};

/** Whether a worker gave itself this lease: those are below zero, the primary's above. */
export function isOwnLease(lease: number): boolean {
  return lease < 0;
}

/** The circuits of one worker that is on its own, by key. */
export class OwnCircuits {
  readonly #circuits = new Map<string, Circuit>();
  /** The machine's own count of leases rises; outside they are the same numbers below zero. */
  #lastLease = 0;

  /** One lease for all of these circuits, each of which is due; null while another is out for one of them. */
  acquire(keys: readonly string[], options: CircuitOptions, nowMs: number): number | null {
    for (const key of keys) this.#step(key, { type: 'time-passed' }, options, nowMs);
    if (!keys.every((key) => mayLease(this.#circuits.get(key) ?? due, nowMs))) return null;
    this.#lastLease += 1;
    const lease = { number: this.#lastLease, worker: SELF, freshUntilMs: nowMs + LEASE_FRESH_MS };
    for (const key of keys) this.#step(key, { type: 'lease-asked', lease }, options, nowMs);
    return -this.#lastLease;
  }

  /** The verdict of a probe, for one circuit; where no probe was sent it says nothing. */
  ended(key: string, lease: number, verdict: Verdict, options: CircuitOptions, nowMs: number): void {
    const circuit = this.#circuits.get(key);
    if (circuit === undefined || circuit.state === 'closed') return;
    const attempt = { worker: SELF, request: null, again: false, body: null, retryAfterMs: 0, jitter: NO_JITTER };
    const event = { type: 'attempt-ended', verdict, lease: -lease, sentMs: nowMs, ...attempt } as const;
    this.#step(key, event, options, nowMs);
  }

  /** Null where no probe was sent yet. */
  status(key: string): { readonly state: CircuitState; readonly dueMs: number } | null {
    const circuit = this.#circuits.get(key);
    if (circuit === undefined) return null;
    return { state: circuit.state, dueMs: circuit.state === 'open' ? circuit.untilMs : 0 };
  }

  /** The primary's word counts again. */
  clear(): void {
    this.#circuits.clear();
  }

  #step(key: string, event: CircuitEvent, options: CircuitOptions, nowMs: number): void {
    this.#circuits.set(key, step(this.#circuits.get(key) ?? due, event, nowMs, options));
  }
}
