/**
 * Circuits that a worker judges by itself while the primary is silent: only those that came due in that time, from
 * their first probe on. The rules are the host's own (`step`), so one probe is out per provider and each failed one
 * doubles the wait. Nothing here reaches another worker.
 */

import { type Circuit, type CircuitEvent, step } from '../../shared/circuits/circuit.ts';
import type { CircuitState } from '../../shared/circuits/circuit-view.ts';
import type { CircuitOptions } from '../../shared/config.ts';
import type { Verdict } from '../../shared/events.ts';

/** Neither longer nor shorter: workers start their probes with requests of their own, and so apart already. */
const NO_JITTER = 0.5;
/** There is one worker here, and its name matters to nobody. */
const SELF = 'self';

const due: Circuit = { state: 'half-open', failedProbes: 0, failures: 0, lease: null };

/** Whether a worker gave itself this lease: those are below zero, the primary's above. */
export function isOwnLease(lease: number): boolean {
  return lease < 0;
}

/** The circuits of one worker that is on its own, by provider. */
export class OwnCircuits {
  readonly #options: (provider: string) => CircuitOptions | undefined;
  readonly #circuits = new Map<string, Circuit>();
  #lastLease = 0;

  constructor(options: (provider: string) => CircuitOptions | undefined) {
    this.#options = options;
  }

  /** Leave for one probe of a circuit that is due; null while another is out, or when it is not due. */
  acquire(provider: string, nowMs: number): number | null {
    this.#lastLease -= 1;
    const lease = { number: this.#lastLease, worker: SELF, expiresMs: Number.POSITIVE_INFINITY };
    const circuit = this.#step(provider, this.#circuits.get(provider) ?? due, { type: 'lease-asked', lease }, nowMs);
    return circuit?.state === 'half-open' && circuit.lease?.number === lease.number ? lease.number : null;
  }

  /** The verdict of a probe; of one that is not out any more it says nothing. */
  ended(provider: string, lease: number, verdict: Verdict, nowMs: number): void {
    const circuit = this.#circuits.get(provider);
    if (circuit?.state !== 'half-open' || circuit.lease?.number !== lease) return;
    const attempt = { worker: SELF, request: null, again: false, sentMs: nowMs, retryAfterMs: 0, jitter: NO_JITTER };
    this.#step(provider, circuit, { type: 'attempt-ended', verdict, lease, ...attempt }, nowMs);
  }

  /** Null where no probe was sent yet. */
  status(provider: string): { readonly state: CircuitState; readonly dueMs: number } | null {
    const circuit = this.#circuits.get(provider);
    if (circuit === undefined) return null;
    return { state: circuit.state, dueMs: circuit.state === 'open' ? circuit.untilMs : 0 };
  }

  /** The primary's word counts again. */
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
