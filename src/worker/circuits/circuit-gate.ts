/**
 * Holds what this worker knows about circuits and cooldowns, and acquires leases for probes. The primary judges circuits
 * and sends views. The worker counts the times in them down by its own clock. So no request waits for the primary to
 * decide on a circuit, and no circuit stays open because the primary is silent. A target may be used if its provider's
 * circuit and its own allow it.
 *
 * A target cools down while all keys of its provider do, each for the target's model or for all.
 *
 * A circuit whose probe is due needs a lease. While the primary sends messages, only the primary grants leases. After
 * `SILENCE_MS` without a message, the worker judges probes itself, on circuits of its own (`OwnCircuits`). These are
 * discarded with the next message or view from the primary.
 */

import { type CircuitState, type CircuitView, circuitKey } from '../../shared/circuits/circuit-view.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { CircuitOptions, TargetConfig } from '../../shared/config.ts';
import type { CooldownReason, CooldownStarted, Verdict } from '../../shared/events.ts';
import { type Keys, KnownCooldowns } from './known-cooldowns.ts';
import { isOwnLease, OwnCircuits } from './own-circuits.ts';

/** After this time without any message from the primary (heartbeat, view or other), the worker decides on its own. */
const SILENCE_MS = 2_000;

/** How long a request waits for the primary's answer to its lease request. */
const LEASE_WAIT_MS = 50;

/**
 * How long a denied lease request also denies the following ones. Without it, they would flood the primary while a slow
 * probe is under way.
 */
const DENIAL_MS = 50;

type CircuitReading =
  | { readonly kind: 'available' }
  | { readonly kind: 'probe-due' }
  | { readonly kind: 'open'; readonly remainingMs: number };

/** Whether a target may be used now. `probe-due`: with a lease only. */
type GateState =
  | CircuitReading
  | { readonly kind: 'cooling-down'; readonly remainingMs: number; readonly reason: CooldownReason };

type Target = Pick<TargetConfig, 'provider' | 'model'>;

interface CircuitGateOptions {
  readonly clock: Clock;
  readonly requestLease: (target: Target, request: number) => void;
  readonly returnLease: (target: Target, lease: number) => void;
  /** When the primary's last message arrived, on `clock`. */
  readonly primaryLastMessageAtMs: () => number;
  /** A provider's options, for probes without a primary; undefined if the provider is not configured. */
  readonly circuitOptions: (provider: string) => CircuitOptions | undefined;
}

interface KnownCircuit {
  readonly state: CircuitState;
  readonly dueMs: number;
}

interface LeaseRequest {
  readonly request: number;
  readonly answer: (lease: number | null) => void;
  readonly timer: Timer;
}

const AVAILABLE: CircuitReading = { kind: 'available' };
const PROBE_DUE: CircuitReading = { kind: 'probe-due' };

/** One per worker. */
export class CircuitGate {
  readonly #options: CircuitGateOptions;
  readonly #own = new OwnCircuits();
  readonly #cooldowns = new KnownCooldowns();
  /** Open lease requests: at most one per due circuit, because the primary could not grant more. */
  readonly #leaseRequests = new Map<string, LeaseRequest>();
  readonly #deniedUntilMs = new Map<string, number>();
  #version = Number.NEGATIVE_INFINITY;
  /** Those that are not closed. */
  readonly #circuits = new Map<string, KnownCircuit>();

  constructor(options: CircuitGateOptions) {
    this.#options = options;
  }

  /** Applies the primary's view, whole or of changes, unless a newer one is known. */
  apply(view: CircuitView): void {
    if (view.version < this.#version) return;
    const nowMs = this.#nowMs();
    this.#version = view.version;
    if (view.since === null) this.#circuits.clear();
    for (const { provider, model, state, remainingMs } of view.circuits) {
      const key = circuitKey(provider, model);
      if (state === 'closed') this.#circuits.delete(key);
      else this.#circuits.set(key, { state, dueMs: nowMs + remainingMs });
    }
    this.#cooldowns.apply(view, nowMs);
    this.#deniedUntilMs.clear();
    this.#own.clear();
  }

  /**
   * Whether this target may be used now, with one of these keys. Changes nothing. Of open circuits and cooldowns: `open`,
   * the latest end. Of keys that cool down, the one that can be used first.
   */
  state(provider: string, model: string, keys: Keys): GateState {
    const nowMs = this.#nowMs();
    const cooldown = this.#cooldowns.ofAll(provider, model, keys);
    const cooldownMs = cooldown === null ? 0 : cooldown.untilMs - nowMs;
    const circuit = this.#way(provider, model, nowMs);
    if (circuit.kind === 'open') return { kind: 'open', remainingMs: Math.max(circuit.remainingMs, cooldownMs) };
    if (cooldown === null || cooldownMs <= 0) return circuit;
    return { kind: 'cooling-down', remainingMs: cooldownMs, reason: cooldown.reason };
  }

  /** Whether a key cools down for a model now. */
  isCooling(provider: string, model: string, key: string): boolean {
    return (this.#cooldowns.of(provider, model, key)?.untilMs ?? Number.NEGATIVE_INFINITY) > this.#nowMs();
  }

  /**
   * Requests a lease to probe all that is due on the way to a target: its provider's circuit, its own or both. Null if
   * denied or not answered within 50 ms; a lease that arrives later is returned. The caller must end its lease, with an
   * attempt's event that has the lease's number or with `release`.
   */
  acquireProbe(target: Target, request: number): Promise<number | null> {
    const { provider, model } = target;
    const nowMs = this.#nowMs();
    if (this.#isAlone(nowMs)) return Promise.resolve(this.#acquireOwn(target, nowMs));
    const key = this.#circuits.has(provider) ? provider : circuitKey(provider, model);
    if (this.#leaseRequests.has(key) || nowMs < (this.#deniedUntilMs.get(key) ?? 0)) return Promise.resolve(null);
    return new Promise((answer) => {
      const timer = this.#options.clock.after(LEASE_WAIT_MS, () => this.#settle(key, null));
      this.#leaseRequests.set(key, { request, answer, timer });
      this.#options.requestLease(target, request);
    });
  }

  /** Takes the primary's answer to a lease request. */
  onLease(target: Target, request: number, lease: number | null): void {
    const keys = [target.provider, circuitKey(target.provider, target.model)];
    const key = keys.find((candidate) => this.#leaseRequests.get(candidate)?.request === request);
    if (key === undefined) {
      if (lease !== null) this.#options.returnLease(target, lease);
      return;
    }
    if (lease === null) this.#deniedUntilMs.set(key, this.#nowMs() + DENIAL_MS);
    this.#settle(key, lease);
  }

  /** Releases a lease under which no attempt was made. */
  release(target: Target, lease: number): void {
    if (isOwnLease(lease)) this.probeEnded(target, lease, 'neutral', 'neutral');
    else this.#options.returnLease(target, lease);
  }

  /**
   * Excludes a key immediately, before the primary's view includes the cooldown. Of two ends, the later one holds.
   */
  coolDownLocally(event: CooldownStarted): void {
    this.#cooldowns.start(event, this.#nowMs());
  }

  /**
   * Takes a probe's verdicts, at its commit or at an end before that. Affects only leases that this worker gave itself;
   * the primary learns the verdict of its own leases from the attempt's event.
   */
  probeEnded(target: Target, lease: number, verdict: Verdict, ofProvider: Verdict): void {
    this.#ownEnded(target.provider, target.provider, lease, ofProvider);
    this.#ownEnded(target.provider, circuitKey(target.provider, target.model), lease, verdict);
  }

  /** Takes a probe's status line: its provider works. Affects the same leases as `probeEnded`. */
  providerAnswered(provider: string, lease: number): void {
    this.#ownEnded(provider, provider, lease, 'success');
  }

  /** The circuits on the way to a target, as one. */
  #way(provider: string, model: string, nowMs: number): CircuitReading {
    if (this.#circuits.size === 0) return AVAILABLE;
    const ofProvider = this.#circuit(provider, nowMs);
    const ofTarget = this.#circuit(circuitKey(provider, model), nowMs);
    const openMs = Math.max(openFor(ofProvider), openFor(ofTarget));
    if (openMs > 0) return { kind: 'open', remainingMs: openMs };
    return ofProvider.kind === 'available' ? ofTarget : ofProvider;
  }

  #circuit(key: string, nowMs: number): CircuitReading {
    const known = this.#circuits.get(key);
    if (known === undefined) return AVAILABLE;
    const own = this.#isAlone(nowMs) ? this.#own.status(key) : null;
    const { state, dueMs } = own ?? known;
    if (state === 'closed') return AVAILABLE;
    return state === 'open' && nowMs < dueMs ? { kind: 'open', remainingMs: dueMs - nowMs } : PROBE_DUE;
  }

  #acquireOwn({ provider, model }: Target, nowMs: number): number | null {
    const options = this.#options.circuitOptions(provider);
    if (options === undefined || this.#way(provider, model, nowMs).kind !== 'probe-due') return null;
    const due = [provider, circuitKey(provider, model)].filter((key) => this.#circuit(key, nowMs).kind === 'probe-due');
    return this.#own.acquire(due, options, nowMs);
  }

  #ownEnded(provider: string, key: string, lease: number, verdict: Verdict): void {
    const options = this.#options.circuitOptions(provider);
    if (isOwnLease(lease) && options !== undefined) this.#own.ended(key, lease, verdict, options, this.#nowMs());
  }

  /** Whether the primary is silent. If it is not, the worker's own circuits are discarded. */
  #isAlone(nowMs: number): boolean {
    const alone = nowMs - this.#options.primaryLastMessageAtMs() > SILENCE_MS;
    if (!alone) this.#own.clear();
    return alone;
  }

  #settle(key: string, lease: number | null): void {
    const open = this.#leaseRequests.get(key);
    if (open === undefined) return;
    this.#leaseRequests.delete(key);
    open.timer.cancel();
    open.answer(lease);
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }
}

function openFor(reading: CircuitReading): number {
  return reading.kind === 'open' ? reading.remainingMs : 0;
}
