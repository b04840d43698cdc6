/**
 * Circuits that a worker judges itself while the primary is silent. It holds only circuits whose probe becomes due in
 * that time, from their first probe on. The rules are the primary's own (`step`): one probe at a time per provider, and
 * each failed probe doubles the wait. No other worker sees these circuits.
 */

import { type Circuit, type CircuitEvent, step } from '../../shared/circuits/circuit.ts';
import type { CircuitState } from '../../shared/circuits/circuit-view.ts';
import type { CircuitOptions } from '../../shared/config.ts';
import type { Verdict } from '../../shared/events.ts';

/** The middle of the jitter range. Workers probe with their own requests, so their probes are spread already. */
const NO_JITTER = 0.5;
/** A worker id for `step`. There is only one worker here, so any id will do. */
const SELF = 'self';

const due: Circuit = { state: 'half-open', failedProbes: 0, failures: 0, lease: null };

/** Whether a worker gave itself this lease. Its numbers are below 0; the primary's are above 0. */
export function isOwnLease(lease: number): boolean {
  return lease < 0;
}

/** The circuits of one worker without a primary, by provider. */
export class OwnCircuits {
  readonly #options: (provider: string) => CircuitOptions | undefined;
  readonly #circuits = new Map<string, Circuit>();
  #lastLease = 0;

  constructor(options: (provider: string) => CircuitOptions | undefined) {
    this.#options = options;
  }

  /** A lease for one probe; null while another probe is under way or if no probe is due. */
  acquire(provider: string, nowMs: number): number | null {
    this.#lastLease -= 1;
    const lease = { number: this.#lastLease, worker: SELF, expiresMs: Number.POSITIVE_INFINITY };
    const circuit = this.#step(provider, this.#circuits.get(provider) ?? due, { type: 'lease-asked', lease }, nowMs);
    return circuit?.state === 'half-open' && circuit.lease?.number === lease.number ? lease.number : null;
  }

  /** Takes the verdict of a probe; ignored if its lease is no longer held. */
  ended(provider: string, lease: number, verdict: Verdict, nowMs: number): void {
    const circuit = this.#circuits.get(provider);
    if (circuit?.state !== 'half-open' || circuit.lease?.number !== lease) return;
    const attempt = { worker: SELF, request: null, again: false, sentMs: nowMs, retryAfterMs: 0, jitter: NO_JITTER };
    this.#step(provider, circuit, { type: 'attempt-ended', verdict, lease, ...attempt }, nowMs);
  }

  /** State of a circuit, and when its probe is due (0 unless open); null if this worker has not probed it yet. */
  status(provider: string): { readonly state: CircuitState; readonly dueMs: number } | null {
    const circuit = this.#circuits.get(provider);
    if (circuit === undefined) return null;
    return { state: circuit.state, dueMs: circuit.state === 'open' ? circuit.untilMs : 0 };
  }

  /** Discards all circuits, because the primary decides again. */
  clear(): void {
    this.#circuits.clear();
  }

  #step(provider: string, circuit: Circuit, event: CircuitEvent, nowMs: number): Circuit | undefined {
    const options = this.#options(provider);
    if (options === undefined) return undefined;
    const after = step(circuit, event, nowMs, options);
    this.#circuits.set(provider, after);
    return after;
  }
}
